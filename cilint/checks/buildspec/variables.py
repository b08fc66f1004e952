"""Checks of a buildspec's `env`: what may not stand there in plain text."""

from __future__ import annotations

from collections.abc import Iterator

from cilint.catalog.secrets import credential, secret_by_name
from cilint.core.finding import Finding
from cilint.core.rule import check
from cilint.model.buildspec import Buildspec
from cilint.source.nodes import Mapping, Scalar

_ADVICE = "keep it in Secrets Manager and name it under `env.secrets-manager` (or `env.parameter-store`)"


@check("plaintext-secret")
def plaintext_secret(buildspec: Buildspec) -> Iterator[Finding]:
    """A variable whose value has the form of a credential, or whose name says that it is one."""
    old = buildspec.get("environment_variables")
    tables = (
        buildspec.env.variables if buildspec.env else None,
        old.get("plaintext") if isinstance(old, Mapping) else None,
    )
    for table in tables:
        for entry in table.entries if isinstance(table, Mapping) else ():
            if not isinstance(entry.value, Scalar):
                continue
            what = credential(entry.value.value)
            if what:
                yield Finding(
                    entry.value.span,
                    f"`{entry.name}` holds {what} in plain text; revoke it, then {_ADVICE}",
                    severity="error",
                )
            elif secret_by_name(entry.name, entry.value.value):
                yield Finding(
                    entry.value.span,
                    f"`{entry.name}` looks like a secret in plain text, readable in the repository, the console and "
                    f"the API; {_ADVICE}",
                )

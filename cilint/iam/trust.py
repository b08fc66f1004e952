"""What a trust policy says: which services it trusts, which identity providers, and how it tests their claims."""

from __future__ import annotations

from cilint.catalog.iam_federation import provider_of
from cilint.model.intrinsics import is_intrinsic
from cilint.model.policy import Policy, Statement, Test
from cilint.model.values import HOLE, Value
from cilint.source.nodes import Mapping, Sequence
from cilint.source.record import NamedTuple


class Provider(NamedTuple):
    """An OIDC provider as a principal; `issuer` without the scheme, in lower case."""

    value: Value
    issuer: str


def providers(statement: Statement) -> list[Provider]:
    """The OIDC providers that a statement trusts, as far as their names are known."""
    return [
        Provider(value, issuer.lower())
        for value in statement.principals("Federated")
        if ":saml-provider/" not in value.text and (issuer := provider_of(value.text)) and "\x00" not in issuer
    ]


def claims(statement: Statement, issuer: str, claim: str) -> list[Test]:
    """The tests of one claim of an issuer: of `gitlab.com:sub`."""
    return [test for test in statement.tests if test.name == f"{issuer}:{claim}"]


def tests_of(statement: Statement, issuer: str) -> list[Test]:
    """All tests of an issuer's claims."""
    return [test for test in statement.tests if test.name.startswith(f"{issuer}:")]


def services_by_word(policy: Policy) -> dict[str, str] | None:
    """The services that may assume the role, by the first word of their principals (`codebuild`), in whatever region
    and partition; None where not all principals are known."""
    found: dict[str, str] = {}
    statements = policy.get("Statement")
    written = statements.items if isinstance(statements, Sequence) else [statements]
    if len(policy.statements) < len(written):
        return None
    for statement in policy.statements:
        if not statement.allows:
            if statement.effect is None or statement.effect.value != "Deny":
                return None
            continue
        principal = statement.principal
        if not isinstance(principal, Mapping) or is_intrinsic(principal):
            return None
        for value in statement.principals("Service"):
            word = value.text.partition(".")[0]
            if HOLE in word:
                return None
            found[word] = value.text.replace(HOLE, "...")
    return found

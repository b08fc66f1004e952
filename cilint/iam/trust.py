"""What a trust policy says: which services it trusts, which identity providers, and how it tests their claims."""

from __future__ import annotations

from cilint.catalog.iam_federation import provider_of
from cilint.model.policy import Policy, Statement, Test
from cilint.model.values import Value
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


def trusted_services(policy: Policy) -> set[str] | None:
    """The service principals that may assume the role; None where not all principals are known."""
    found: set[str] = set()
    for statement in policy.statements:
        if not statement.allows:
            continue
        for value in statement.principals("Service"):
            if not value.whole:
                return None
            found.add(value.text)
    return found

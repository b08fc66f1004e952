"""Checks of roles' trust policies: actions that fit the principal, claims of identity providers, confused deputies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.catalog.iam_federation import (
    GITHUB,
    GITHUB_PINNING_CLAIMS,
    GITHUB_UNBOUND_SUBJECTS,
    REQUIRED_CLAIM,
    SENDS_SOURCE,
)
from cilint.core.finding import Finding, Severity
from cilint.core.nearest import listed
from cilint.core.rule import check
from cilint.iam import trust
from cilint.iam.patterns import wild
from cilint.model.policy import TRUST, Statement, StatementWithPrincipal, Test
from cilint.model.values import Value

_PASSING: Final = frozenset(["sts:tagsession", "sts:setsourceidentity", "sts:setcontext"])
_ROLES_ANYWHERE: Final = "rolesanywhere.amazonaws.com"


@check("action-not-for-principal")
def action_not_for_principal(statement: StatementWithPrincipal) -> Iterator[Finding]:
    """An action by which this kind of principal cannot assume the role."""
    if statement.policy.role != TRUST or not statement.allows or not _assuming(statement):
        return
    wanted = _wanted(statement)
    if wanted is None:
        return
    fitting, who = wanted
    for value in _assuming(statement):
        name = value.text.lower()
        if value.whole and not wild(name) and name != fitting.lower() and name not in _PASSING:
            yield Finding(value.node.span, f"{who} assumes a role by `{fitting}`, not by `{value.text}`")
    services = {value.text for value in statement.principals("Service")}
    if _ROLES_ANYWHERE in services:
        given = {value.text.lower() for value in _assuming(statement)}
        lacking = [
            name
            for name in ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")
            if name.lower() not in given and not any(wild(each) for each in given)
        ]
        if lacking:
            names = listed(lacking).replace(" or ", " and ")
            yield Finding(
                statement.key_span("Action"), f"IAM Roles Anywhere needs `sts:AssumeRole` with {names} as well"
            )


def _assuming(statement: Statement) -> tuple[Value, ...]:
    return tuple(value for value in statement.action_values if value.text.lower().startswith("sts:"))


def _wanted(statement: Statement) -> tuple[str, str] | None:
    """The action that fits the principals, where they are all of one kind."""
    federated = statement.principals("Federated")
    others = statement.principals("AWS") + statement.principals("Service")
    if (federated and others) or not (federated or others):
        return None
    if others:
        return "sts:AssumeRole", "such a principal"
    kinds = {"saml" if ":saml-provider/" in value.text else "oidc" for value in federated}
    if len(kinds) > 1 or not all(value.whole or "-provider/" in value.text for value in federated):
        return None
    if kinds == {"saml"}:
        return "sts:AssumeRoleWithSAML", "an identity of a SAML provider"
    return "sts:AssumeRoleWithWebIdentity", "an identity of an OpenID Connect provider"


def _by_provider(statement: Statement) -> list[trust.Provider]:
    if statement.policy.role != TRUST or not statement.allows:
        return []
    return trust.providers(statement)


@check("oidc-claim-missing")
def oidc_claim_missing(statement: StatementWithPrincipal) -> Iterator[Finding]:
    """A role that trusts an identity provider without saying which of its identities."""
    for value, issuer in _by_provider(statement):
        tests = trust.tests_of(statement, issuer)
        required = REQUIRED_CLAIM.get(issuer)
        if required and not trust.claims(statement, issuer, required):
            example = _EXAMPLES.get(issuer, "...")
            yield Finding(
                value.node.span,
                f"no condition tests `{issuer}:{required}`, so IAM refuses the policy: every customer of this provider "
                f'could assume the role; add `"{issuer}:{required}": "{example}"`',
            )
        elif not tests and not any("\x00" in test.name for test in statement.tests):
            yield Finding(
                value.node.span,
                f"no condition tests a claim of `{issuer}`, so each of its identities may assume the role; "
                f"test `{issuer}:aud` and `{issuer}:sub`",
                severity="warning",
            )


_EXAMPLES: Final = {
    GITHUB: "repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH",
    "gitlab.com": "project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH",
    "app.terraform.io": "organization:ORG:project:PROJECT:workspace:WORKSPACE:run_phase:apply",
}


@check("oidc-audience-missing")
def oidc_audience_missing(statement: StatementWithPrincipal) -> Iterator[Finding]:
    """A role for GitHub, GitLab or SAML whose policy does not test the audience of the token."""
    for value, issuer in _by_provider(statement):
        if trust.tests_of(statement, issuer) and not trust.claims(statement, issuer, "aud"):
            yield Finding(
                value.node.span,
                f"no condition tests `{issuer}:aud`, so tokens for each audience that the provider lists are taken; "
                f'add `"StringEquals": {{"{issuer}:aud": "sts.amazonaws.com"}}` or the audience that is asked for',
                severity="note" if any(test.positive for test in trust.claims(statement, issuer, "sub")) else None,
            )
    if statement.policy.role == TRUST and statement.allows:
        for value in statement.principals("Federated"):
            tested = any(test.name == "saml:aud" for test in statement.tests)
            if ":saml-provider/" in value.text and not tested:
                yield Finding(
                    value.node.span,
                    "no condition tests `SAML:aud`: an assertion made for something else is taken as well; "
                    'add `"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}`',
                )


@check("oidc-subject-too-broad")
def oidc_subject_too_broad(statement: StatementWithPrincipal) -> Iterator[Finding]:
    """A pattern of subjects that lets more in than one repository's branch or environment."""
    for _, issuer in _by_provider(statement):
        pinned = any(
            test.positive and test.name.partition(":")[2] in GITHUB_PINNING_CLAIMS and not _open_values(test)
            for test in trust.tests_of(statement, issuer)
        )
        for test in trust.claims(statement, issuer, "sub"):
            if "Not" in test.base or test.base == "Null":
                continue
            for value in test.values:
                judged = _github(value.text, pinned) if issuer.startswith(GITHUB) else _generic(value.text)
                if judged:
                    yield Finding(value.node.span, judged[0], severity=judged[1])


def _open_values(test: Test) -> bool:
    return not test.values or any(value.text[:1] in ("*", "\x00") for value in test.values)


def _github(text: str, pinned: bool) -> tuple[str, Severity | None] | None:
    """What a pattern for GitHub's `sub` lets in. Subjects are `repo:OWNER/REPO:...`, since 2026 also
    `repo:OWNER@ID/REPO@ID:...`."""
    if not text.strip("*"):
        return "`*` is no test: any repository of GitHub may assume the role, and IAM refuses it; name one", "error"
    if text.startswith(GITHUB_UNBOUND_SUBJECTS):
        return "this does not name a repository, so any repository of GitHub that can say it gets in; name one", None
    if not text.startswith("repo:"):
        return (
            ("the pattern begins open, so any repository of GitHub gets in; name one", None)
            if text[:1]
            in (
                "*",
                "?",
            )
            else None
        )
    if "\x00" in text:
        return None
    path, _, rest = text[5:].partition(":")
    owner, slash, repository = path.partition("/")
    if wild(owner) or (not slash and path.endswith("*")):
        return (
            f"`{text}` leaves the owner open: organisations of other people fit it; write the owner out, and end it "
            "with `/`",
            None,
        )
    if pinned:
        return None
    if not repository.strip("*"):
        return (
            f"every repository of `{owner}`, with all branches and pull requests, may assume the role; name one",
            None,
        )
    if rest.startswith("pull_request"):
        return "the code of pull requests gets this role before anybody has read it; use a role that can do less", None
    if not rest.strip("*") and (rest or path.endswith("*")):
        return (
            f"every branch, tag and pull request of `{path.rstrip('*')}` may assume the role; name the branch "
            "(`:ref:refs/heads/main`) or an environment",
            None,
        )
    if rest in ("ref:refs/heads/*", "ref:*", "environment:*", "ref:refs/*"):
        return f"`{rest}` leaves open which; who can push a branch gets the role", "note"
    return None


def _generic(text: str) -> tuple[str, Severity | None] | None:
    """Of other providers the first part must be literal, and a wildcard follow a separator."""
    if "\x00" in text:
        return None
    if not text.strip("*"):
        return "`*` is no test: any identity of the provider may assume the role; name its subject", None
    at = min((place for mark in "*?" if (place := text.find(mark)) >= 0), default=-1)
    if at >= 0 and not any(mark in text[:at] for mark in ":/"):
        return f"`{text}` begins open, so that foreign identities may fit it; write the beginning out", None
    return None


@check("oidc-test-passes-without-claim")
def oidc_test_passes_without_claim(statement: StatementWithPrincipal) -> Iterator[Finding]:
    """A test of a token's claim that also holds for tokens without it, or for everybody but some."""
    for _, issuer in _by_provider(statement):
        for claim in ("sub", "aud"):
            tests = trust.claims(statement, issuer, claim)
            for test in tests:
                if test.qualifier == "ForAllValues" or test.if_exists:
                    yield Finding(
                        test.operator.span,
                        f"`{test.operator.value}` also holds for a token without `{claim}`; use `StringEquals` or "
                        "`StringLike`",
                    )
                elif "Not" in test.base and len(tests) == 1:
                    yield Finding(
                        test.operator.span,
                        f"this lets everybody in but those named; name who may, with `{test.key.value}`",
                    )
                elif test.qualifier == "ForAnyValue" and claim == "aud":
                    yield Finding(
                        test.operator.span,
                        "a token has one audience, so the operator needs no `ForAnyValue:`",
                        severity="note",
                    )


@check("claim-of-other-provider")
def claim_of_other_provider(statement: StatementWithPrincipal) -> Iterator[Finding]:
    """A condition on a claim of another identity provider than the trusted one: it never holds."""
    found = _by_provider(statement)
    if not found or len(found) != len(statement.principals("Federated")):
        return
    issuers = {issuer for _, issuer in found}
    for test in statement.tests:
        prefix, _, claim = test.name.rpartition(":")
        if claim in ("sub", "aud", "amr") and "\x00" not in prefix and "." in prefix and prefix not in issuers:
            expected = listed(sorted(f"{issuer}:{claim}" for issuer in issuers))
            yield Finding(
                test.key.span,
                f"`{test.key.value}` is no claim of the trusted provider, so the condition never holds; "
                f"write {expected}",
            )
    if len(issuers) > 1 and all(trust.tests_of(statement, issuer) for issuer in issuers):
        yield Finding(
            found[1].value.node.span,
            "all conditions must hold, and no token comes from two providers; write a statement for each",
        )


@check("confused-deputy")
def confused_deputy(statement: StatementWithPrincipal) -> Iterator[Finding]:
    """A role for a service that says for whom it acts, and whose policy does not ask."""
    if statement.policy.role != TRUST or not statement.allows:
        return
    if any(test.name.startswith("aws:source") for test in statement.tests):
        return
    for value in statement.principals("Service"):
        arn = SENDS_SOURCE.get(value.text)
        if arn:
            yield Finding(
                value.node.span,
                f"`{value.text}` says for which resource it acts; test `aws:SourceArn` (`{arn}`) or "
                "`aws:SourceAccount`",
            )


@check("foreign-account-without-external-id")
def foreign_account_without_external_id(statement: StatementWithPrincipal) -> Iterator[Finding]:
    """A role that a whole account may assume, without any condition."""
    if statement.policy.role != TRUST or not statement.allows or statement.tests:
        return
    for value in statement.principals("AWS"):
        account = _account(value.text)
        if account:
            yield Finding(
                value.node.span,
                f"everybody in account {account} whom its administrators let may assume this role; name the role that "
                "needs it, or test `sts:ExternalId` (a vendor) or `aws:PrincipalOrgID` (an account of your own)",
            )


def _account(principal: str) -> str:
    """The account that a principal means as a whole; empty where it names no account, or less than all of it."""
    parts = principal.split(":")
    account = parts[0] if len(parts) == 1 else parts[4] if len(parts) == 6 and parts[5] == "root" else ""
    return account if len(account) == 12 and account.isdigit() else ""


@check("key-not-sent-by-service")
def key_not_sent_by_service(statement: StatementWithPrincipal) -> Iterator[Finding]:
    """A trust of a service with a condition on where a person calls from: it never holds."""
    if statement.policy.role != TRUST or not statement.allows or not statement.principals("Service"):
        return
    for test in statement.tests:
        if test.positive and test.name in _CALLER_KEYS:
            yield Finding(
                test.key.span,
                f"requests of a service carry no `{test.key.value}`, so it can never assume the role; "
                "give the service a statement of its own",
            )


_CALLER_KEYS: Final = frozenset(
    ["aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:multifactorauthpresent", "aws:multifactorauthage"]
    + ["aws:vpcsourceip", "aws:principalorgid", "aws:principalarn", "aws:principalaccount"]
)

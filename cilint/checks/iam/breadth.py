"""Checks of what a policy grants beyond need."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cilint.catalog import iam_actions
from cilint.core.finding import Finding, Related, Severity
from cilint.core.nearest import listed
from cilint.core.rule import check
from cilint.iam import breadth, roles, targets
from cilint.iam.breadth import DATA, PERMISSIONS
from cilint.model.policy import IDENTITY, RESOURCE, TRUST, Statement, Test
from cilint.model.values import Value

# Services whose every write is a matter of telemetry or messages: a wildcard on them is not worth a warning.
_LIGHT: Final = frozenset(["logs", "cloudwatch", "xray", "ssmmessages", "ec2messages", "sns", "sqs", "events", "tag"])


@check("administrator-access")
def administrator_access(statement: Statement) -> Iterator[Finding]:
    """An Allow of every action on every resource."""
    if statement.policy.role != IDENTITY:
        return
    everything = breadth.everything(statement)
    if everything is not None:
        yield Finding(
            everything.node.span,
            "this allows every action on every resource: whoever runs with it owns the account; "
            "list the actions and the resources that are needed",
        )


@check("over-broad-permission")
def over_broad_permission(statement: Statement) -> Iterator[Finding]:
    """Actions that change things, on every resource although they could name theirs."""
    broad = _judged(statement)
    if broad is not None and broad.worst != DATA:
        yield _broad(broad)


@check("unrestricted-data-access")
def unrestricted_data_access(statement: Statement) -> Iterator[Finding]:
    """Actions that read content or secrets, of every resource although they could name theirs."""
    broad = _judged(statement)
    if broad is not None and broad.worst == DATA:
        yield _broad(broad)


@lru_cache(maxsize=8)
def _judged(statement: Statement) -> breadth.Broad | None:
    if statement.policy.role != IDENTITY or breadth.everything(statement) is not None:
        return None
    return breadth.judge(statement)


def _broad(broad: breadth.Broad) -> Finding:
    names = [action.full_name for action in broad.actions]
    named = listed(names, 4).replace(" or ", " and ")
    example = targets.example(broad.actions[0], broad.resource.text)
    return Finding(
        broad.resource.node.span,
        f"{named} {broad.worst} on {broad.reach}; name the resources, such as `{example}`",
        severity=_severity(broad.worst, broad.reach, broad.fenced),
        related=tuple(Related(pattern.node.span, "granted here") for pattern in broad.patterns[:4]),
    )


def _severity(worst: str, reach: str | None, fenced: bool) -> Severity | None:
    """None, the page's own level, where anything of the account can be hit."""
    if fenced or (reach == breadth.ACCOUNT_WIDE and worst != PERMISSIONS):
        return "note"
    return None


@check("service-wildcard")
def service_wildcard(statement: Statement) -> Iterator[Finding]:
    """All actions of a service."""
    if statement.policy.role != IDENTITY:
        return
    for whole in breadth.service_wildcards(statement):
        names = listed([action.full_name for action in whole.actions], 4).replace(" or ", " and ")
        light = whole.service in _LIGHT and whole.worst != DATA
        where = f"on {whole.reach}" if whole.reach else "on the named resources"
        if whole.reach is None and whole.worst != PERMISSIONS:
            continue
        yield Finding(
            whole.pattern.node.span,
            f"`{whole.pattern.text}` holds {names}, which {whole.worst} {where}; list the actions that are needed",
            severity="note" if light or whole.reach != breadth.EVERY else None,
        )


@check("allow-with-not-action")
def allow_with_not_action(statement: Statement) -> Iterator[Finding]:
    """An Allow of everything but some actions."""
    if statement.policy.role not in (IDENTITY, TRUST, RESOURCE) or not statement.allows:
        return
    if statement.get("NotAction") is not None and statement.policy.role != TRUST:
        broad = breadth.anything(statement) is not None or statement.get("NotResource") is not None
        broad = broad and not any(breadth.narrows_anything(test) for test in statement.tests)
        yield Finding(
            statement.key_span("NotAction"),
            "`NotAction` with Allow grants every action that is not listed, those that AWS adds later too; "
            "list what is needed in `Action`",
            severity=None if broad else "note",
        )


@check("allow-with-not-resource")
def allow_with_not_resource(statement: Statement) -> Iterator[Finding]:
    """An Allow on everything but some resources."""
    if statement.policy.role not in (IDENTITY, RESOURCE) or not statement.allows:
        return
    if statement.get("NotResource") is not None and statement.get("NotAction") is None:
        risky = not statement.action_values or any(_risky(value, statement) for value in statement.action_values)
        yield Finding(
            statement.key_span("NotResource"),
            "`NotResource` with Allow grants every resource that is not listed, those made later too; "
            "name the resources in `Resource`",
            severity=None if risky else "note",
        )


def _risky(value: Value, statement: Statement) -> bool:
    """Whether an item of `Action` grants something worth a warning that no condition narrows."""
    if not value.whole or ":" not in value.text:
        return not any(breadth.narrows_anything(test) for test in statement.tests)
    return any(
        not breadth.narrowed(action, statement) for actions in breadth.risky(value.text).values() for action in actions
    )


@check("allow-with-not-principal")
def allow_with_not_principal(statement: Statement) -> Iterator[Finding]:
    """An Allow for everybody but some principals."""
    if statement.allows and statement.not_principal is not None and statement.policy.role == RESOURCE:
        yield Finding(
            statement.key_span("NotPrincipal"),
            "`NotPrincipal` with Allow lets everybody in who is not listed, anonymous callers too; "
            "name who is meant in `Principal`",
        )


@check("pass-role-unrestricted")
def pass_role_unrestricted(statement: Statement) -> Iterator[Finding]:
    """iam:PassRole for any role, or to any service."""
    if statement.policy.role != IDENTITY:
        return
    grant = roles.grant(statement, roles.PASS_ROLE)
    if grant is None or not grant.pattern.text.strip("*:") or breadth.whole_service(grant.pattern.text):
        return
    if roles.tested(statement, "iam:passedtoservice", "iam:associatedresourcearn"):
        return
    if roles.guarded(statement, roles.PASS_ROLE, "iam:passedtoservice") or _passes_nothing(statement):
        return
    if_exists = next((test for test in statement.tests if _limits_if_exists(test)), None)
    everything = grant.every_role.node.span if grant.every_role else None
    if everything is None and statement.get("NotResource") is not None:
        everything = statement.key_span("NotResource")
    advice = 'add `"Condition": {"StringEquals": {"iam:PassedToService": "SERVICE.amazonaws.com"}}`'
    if everything is not None and if_exists is None:
        yield Finding(
            everything,
            f"`{grant.pattern.text}` hands any role of the account, the strongest too, to any service that runs code; "
            f"name the role's ARN and {advice}",
            related=(Related(grant.pattern.node.span, "granted here"),),
        )
    elif everything is not None and if_exists is not None:
        operator = if_exists.operator.value
        yield Finding(
            everything,
            f"`{operator}` also lets calls through that carry no `iam:PassedToService`, with any role of the account; "
            f"name the role's ARN, or write `{operator.removesuffix('IfExists')}`",
            severity="note",
            related=(Related(if_exists.operator.span, "tested here"),),
        )
    elif if_exists is None:
        yield Finding(
            grant.pattern.node.span, f"the role can be handed to any service that it trusts; {advice}", severity="note"
        )


def _limits_if_exists(test: Test) -> bool:
    """Whether a test limits the service of calls that name one: AWS's own policies write it so, as most calls do."""
    return test.if_exists and test.name == "iam:passedtoservice" and "Not" not in test.base


def _passes_nothing(statement: Statement) -> bool:
    """Whether no resource of the statement can be a role, which is for `action-resource-mismatch` to say."""
    action = iam_actions.action(roles.PASS_ROLE)
    resources = statement.resource_values
    if action is None or not resources or not statement.resources_known:
        return False
    return not any(targets.fits(action, value.text) for value in resources)


@check("service-linked-role-unrestricted")
def service_linked_role_unrestricted(statement: Statement) -> Iterator[Finding]:
    """iam:CreateServiceLinkedRole for any service."""
    if statement.policy.role != IDENTITY:
        return
    grant = roles.grant(statement, roles.CREATE_SERVICE_LINKED_ROLE)
    if grant is None or not grant.pattern.text.strip("*:") or breadth.whole_service(grant.pattern.text):
        return
    if roles.tested(statement, "iam:awsservicename"):
        return
    if grant.every_role or statement.get("NotResource") is not None:
        yield Finding(
            grant.pattern.node.span,
            f"`{grant.pattern.text}` makes a role for any AWS service; name the service's path, "
            "`arn:aws:iam::*:role/aws-service-role/SERVICE.amazonaws.com/*`, or test `iam:AWSServiceName`",
        )

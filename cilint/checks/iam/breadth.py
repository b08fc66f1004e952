"""Checks of what a policy grants beyond need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cilint.catalog import iam_actions
from cilint.core.finding import Finding, Related, Severity
from cilint.core.nearest import listed
from cilint.core.rule import check
from cilint.iam import breadth, keys, roles, targets
from cilint.iam.breadth import CREATE, PERMISSIONS, START, WRITE
from cilint.iam.patterns import arn_fields
from cilint.model.intrinsics import symbolic
from cilint.model.policy import IDENTITY, RESOURCE, TRUST, Statement, Test
from cilint.model.values import Value
from cilint.source.nodes import Node, Scalar

if TYPE_CHECKING:
    from cilint.model.template import Template

# Services whose every write is a matter of telemetry or messages: a wildcard on them is not worth a warning.
_LIGHT: Final = frozenset(["logs", "cloudwatch", "xray", "ssmmessages", "ec2messages", "sns", "sqs", "events", "tag"])

_TELEMETRY: Final = frozenset(["cloudwatch", "xray"])
"""Of those, the ones that hold nobody's messages and no trail of what was done."""


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
    """Actions that change, start or create things, on every resource although they could name theirs."""
    broad = _judged(statement)
    if broad is None or broad.worst in breadth.READING:
        return
    found = _broad(broad)
    if found.severity is None or not _wholes(statement):
        yield found


@check("unrestricted-data-access")
def unrestricted_data_access(statement: Statement) -> Iterator[Finding]:
    """Actions that read content or secrets, of every resource although they could name theirs."""
    broad = _judged(statement)
    if broad is not None and broad.worst in breadth.READING:
        yield _broad(broad)


@lru_cache(maxsize=8)
def _judged(statement: Statement) -> breadth.Broad | None:
    if statement.policy.role != IDENTITY or breadth.everything(statement) is not None:
        return None
    return breadth.judge(statement)


def _broad(broad: breadth.Broad) -> Finding:
    names = [action.full_name for action in broad.actions]
    named = listed(names, 4).replace(" or ", " and ")
    example = targets.example(broad.actions[0], broad.resource.text) or ""
    tags = "*" in example and all(keys.carries(action, "aws:resourcetag/key") for action in broad.actions)
    return Finding(
        broad.resource.node.span,
        f"{named} {_power(broad)}; name the resources, such as `{example}`"
        + (", or test a tag of them by `aws:ResourceTag/KEY`" if tags else ""),
        severity=_severity(broad),
        related=_related(broad.patterns, "granted by"),
    )


def _power(broad: breadth.Broad) -> str:
    """What the actions can do to what."""
    if broad.worst == breadth.ROLES:
        fields = arn_fields(broad.resource.text)
        return broad.worst.format("" if fields and fields[3].strip("*") else ", in any account,")
    noun = targets.noun(broad.actions)
    every = f"every {noun}"
    if noun == "resource":
        every += " that they work on" if len(broad.actions) > 1 else " that it works on"
    if broad.reach == breadth.ACCOUNT_WIDE:
        every += " in the account"
    if broad.worst == breadth.DATA:
        if all(action.full_name == "kms:Decrypt" for action in broad.actions):
            return f"can decrypt with {every}"
        if noun == "resource":
            return f"can read data and secrets of {every}"
    return broad.worst.format(every)


def _related(patterns: Sequence[Value], phrase: str) -> tuple[Related, ...]:
    """The first items of `Action`, each named, the last with how many more there are."""
    shown, more = patterns[:4], len(patterns) - 4
    return tuple(
        Related(
            each.node.span, f"{phrase} `{each.text}`" + (f" and {more} more" if more > 0 and each is shown[-1] else "")
        )
        for each in shown
    )


def _severity(broad: breadth.Broad) -> Severity | None:
    """None, the page's own level, where anything of the account can be hit."""
    if broad.fenced or (broad.reach == breadth.ACCOUNT_WIDE and broad.worst != PERMISSIONS):
        return "note"
    heavy = tuple(action for action in broad.actions if action.service not in _LIGHT)
    if broad.worst == CREATE or (broad.worst == START and breadth.routine(heavy)):
        return "note"
    if broad.worst == WRITE and all(action.service in _TELEMETRY for action in broad.actions):
        return "note"
    return None


@check("service-wildcard")
def service_wildcard(statement: Statement) -> Iterator[Finding]:
    """All actions of a service."""
    wholes = _wholes(statement)
    if not wholes:
        return
    first = wholes[0]
    where = f"on {first.reach}" if first.reach else "on the named resources"
    if any(each.service == "iam" and each.reach == breadth.EVERY for each in wholes):
        where += ": its holder can become administrator"
    yield Finding(
        first.pattern.node.span,
        f"{_and([each.pattern.text for each in wholes], 4)} {_held(wholes)}, {where}; list the actions that are needed",
        severity="note" if _light(first) else None,
        related=_related([whole.pattern for whole in wholes[1:]], "and by"),
    )


def _held(wholes: list[breadth.Whole]) -> str:
    """What wildcards hold: all that is worth naming of one, the most telling of several."""
    if len(wholes) == 1:
        rest = " such actions" if len(wholes[0].actions) > 3 else ""
        return "includes " + _and([action.full_name for action in wholes[0].actions], 3) + rest
    each = 2 if len(wholes) == 2 else 1
    return (
        f"include {_and([action.full_name for whole in wholes[:4] for action in whole.actions[:each]])} among the rest"
    )


def _and(names: list[str], limit: int = 12) -> str:
    return listed(names, limit).replace(" or ", " and ")


@lru_cache(maxsize=8)
def _wholes(statement: Statement) -> list[breadth.Whole]:
    """The wildcards of a statement that are worth a word, those that weigh most first."""
    if statement.policy.role != IDENTITY:
        return []
    found = [each for each in breadth.service_wildcards(statement) if each.reach or each.worst == PERMISSIONS]
    return sorted(found, key=lambda each: (_light(each), breadth.KINDS.index(each.worst)))


def _light(whole: breadth.Whole) -> bool:
    """Whether a wildcard is worth a note only."""
    if whole.reach != breadth.EVERY or whole.worst in (START, CREATE):
        return True
    return whole.service in _LIGHT and whole.worst not in breadth.READING


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
            f"`{grant.pattern.text}` lets its holder pass any role of the account, administrators' roles included, to "
            f"any service; name the role's ARN and {advice}",
            related=_related((grant.pattern,), "granted by"),
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


@check("parameter-default-grants-everything")
def parameter_default_grants_everything(template: Template) -> Iterator[Finding]:
    """A parameter whose default is `*`, and that an Allow statement takes as its action or its resource."""
    stars = {f"${{{each.name}}}": each for each in template.parameters if _is_star(each.default)}
    if not stars:
        return
    for node, what in _granted(template):
        parameter = stars.pop(symbolic(node) or "", None)
        if parameter is not None and parameter.default is not None:
            yield Finding(
                parameter.default.span,
                f"a stack that gives no `{parameter.name}` allows {what}; name a narrower default, or none, so that it "
                "must be given",
                related=(Related(node.span, "taken here"),),
            )


def _granted(template: Template) -> Iterator[tuple[Node, str]]:
    """The items of Action and Resource of the Allow statements, and what `*` means there."""
    for statement in template.identity_statements():
        if statement.allows:
            yield from ((node, "every action") for node in statement.items("Action"))
            yield from ((node, "every resource") for node in statement.items("Resource"))


def _is_star(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.value.strip() == "*"

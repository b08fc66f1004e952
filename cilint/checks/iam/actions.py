"""Checks of the names in `Action` and `NotAction`, and of the ARNs of AWS's managed policies: does AWS know them?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from cilint.catalog import iam_actions, managed_policies
from cilint.catalog.iam_operations import PREFIX_OF, actions_of
from cilint.core.context import Context, named
from cilint.core.finding import Finding, Fix, Related, Severity
from cilint.core.nearest import listed, unmistakable
from cilint.core.rewrite import changed
from cilint.core.rule import check
from cilint.iam.patterns import covers, wild
from cilint.iam.verdict import Verdict
from cilint.model.policy import IDENTITY, ManagedPolicyArn, Policy, Statement
from cilint.model.values import Value, text_of
from cilint.source.nodes import Node


def _actions(statement: Statement) -> tuple[Value, ...]:
    return statement.action_values + statement.not_action_values


@check("unknown-action")
def unknown_action(statement: Statement, context: Context) -> Iterator[Finding]:
    """A name that is no action of its service, or a service that does not exist."""
    for value in _actions(statement):
        verdict = _unknown(value.text) if value.whole and not named(context.names.actions, value.text) else None
        if verdict and not verdict.severity and (right := _beside(value, statement)):
            what = "is the name of an API operation" if actions_of(value.text) else "is no action of IAM"
            there = f"{_and(right)} {'is' if len(right) == 1 else 'are'} in this list already"
            other = "" if actions_of(value.text) else ", or write the action that was meant"
            yield Finding(
                value.node.span, f"`{value.text}` {what}, and {there}; remove this line{other}", severity="note"
            )
        elif verdict:
            yield Finding(value.node.span, *verdict, fix=_meant(value) if not verdict.severity else None)


def _beside(value: Value, statement: Statement) -> tuple[str, ...]:
    """What should stand in the place of an unknown action, where the list has all of that already."""
    right = actions_of(value.text) or tuple(filter(None, (iam_actions.nearest_action(value.text),)))
    given = [each.text.lower() for each in _actions(statement) if each.whole and each is not value]
    return right if all(any(covers(text, name.lower()) for text in given) for name in right) else ()


def _and(names: Iterable[str]) -> str:
    return listed(names).replace(" or ", " and ")


def _meant(value: Value) -> Fix | None:
    """The action that a misspelt one can only be; it grants what the misspelt one does not."""
    service, _, name = value.text.partition(":")
    known = iam_actions.service(service)
    right = unmistakable(name, [action.name for action in known.actions.values()]) if known and not wild(name) else None
    if right is None or actions_of(value.text):
        return None
    return changed(value.node, value.text, f"{service}:{right}", f"Write `{service}:{right}`", "unsafe")


@lru_cache(maxsize=4096)
def _unknown(action: str) -> Verdict | None:
    prefix, colon, name = action.partition(":")
    if not colon or not name or wild(prefix):
        return None
    if iam_actions.service(prefix) is None:
        return _unknown_service(action, prefix)
    if wild(name):
        if iam_actions.expand(action) or _once_covered(prefix, name):
            return None
        return Verdict(f"`{action}` matches no action{_as_of()}", "note", "low")
    if iam_actions.action(action) or iam_actions.discontinued(action):
        return None
    allowing = actions_of(action)
    if allowing:
        return Verdict(
            f"`{action}` is the name of an API operation and matches nothing; the IAM action for it: {_and(allowing)}"
        )
    hint = iam_actions.nearest_action(action)
    if hint:
        return Verdict(f"IAM has no action `{action}`, so this matches nothing; did you mean `{hint}`?")
    return Verdict(f"`{action}` is no action of the service{_as_of()}", "note", "low")


def _unknown_service(action: str, prefix: str) -> Verdict | None:
    if iam_actions.discontinued(action) or iam_actions.discontinued_service(prefix):
        return None
    hint = PREFIX_OF.get(prefix.lower()) or iam_actions.nearest_service(prefix)
    if hint:
        right = f"{hint}:{action.partition(':')[2]}"
        known = iam_actions.expand(right) if wild(right) else iam_actions.action(right)
        return Verdict(
            f"no service has the prefix `{prefix}`, so this matches nothing; did you mean `{right if known else hint}`?"
        )
    return Verdict(f"no service has the prefix `{prefix}`{_as_of()}", "note", "low")


def _once_covered(prefix: str, name: str) -> bool:
    return not name.strip("*") or iam_actions.discontinued_service(prefix)


def _as_of() -> str:
    return f" in AWS's reference of {iam_actions.data_date()}; check its spelling"


@check("discontinued-action")
def discontinued_action(statement: Statement) -> Iterator[Finding]:
    """Actions that AWS's reference listed once and does not list now: one finding for all of a statement."""
    found = [(value, gone) for value in _actions(statement) if (gone := _gone(value))]
    if not found:
        return
    value, gone = found[0]
    if len(found) == 1:
        yield Finding(value.node.span, f"`{value.text}` grants nothing: {gone}; remove it")
        return
    names = listed([each.text for each, _ in found], 4).replace(" or ", " and ")
    yield Finding(
        value.node.span,
        f"{names} grant nothing: AWS's reference no longer lists them; remove them",
        related=tuple(Related(each.node.span, f"`{each.text}`: {why}") for each, why in found[1:5]),
    )


def _gone(value: Value) -> str | None:
    """What is known of an action that AWS's reference listed once."""
    prefix, colon, _ = value.text.partition(":")
    if not colon or not value.whole:
        return None
    if wild(value.text) and not wild(prefix) and iam_actions.discontinued_service(prefix):
        return f"AWS's reference no longer lists the service `{prefix}`"
    return iam_actions.discontinued(value.text)


@check("wildcard-in-action-service")
def wildcard_in_action_service(statement: Statement) -> Iterator[Finding]:
    """A wildcard before the colon of an action; only the name after it takes one."""
    for value in _actions(statement):
        prefix, colon, _ = value.text.partition(":")
        if colon and value.whole and wild(prefix) and prefix.strip("*"):
            yield Finding(
                value.node.span,
                f"the service of an action takes no wildcard, but this begins with `{prefix}:`; "
                "write one action for each service",
            )


@check("retired-managed-policy")
def retired_managed_policy(arn: ManagedPolicyArn) -> Iterator[Finding]:
    """The ARN of an AWS managed policy that cannot be attached: retired, misspelt, or never there."""
    text = text_of(arn.node)
    verdict = judge_managed_policy(text, arn.attached) if text else None
    if verdict is None or text is None:
        return
    fix = _attachable(arn.node, text)
    if not arn.attached:
        yield Finding(arn.span, verdict.message, verdict.severity or "warning", verdict.confidence, fix=fix)
    else:
        yield Finding(arn.span, *verdict, fix=fix)


_POWERFUL: Final = {
    "AdministratorAccess": "allows every action on every resource: whoever runs with it owns the account",
    "PowerUserAccess": "allows every action of every service but a few (IAM, Organizations), on every resource",
    "IAMFullAccess": "allows every action of IAM: who has it can take any permission",
    "AdministratorAccess-Amplify": "hands any role to services that run code: who has it can take any permission",
}
_OF_PEOPLE: Final = frozenset(["AWS::IAM::User", "AWS::IAM::Group", "AWS::SSO::PermissionSet"])


@check("administrator-policy-attached")
def administrator_policy_attached(arn: ManagedPolicyArn) -> Iterator[Finding]:
    """A policy of AWS that hands over the account, attached to a role or a function."""
    text = text_of(arn.node) or ""
    tail = text if arn.holder == "AWS::Serverless::Function" and ":" not in text else managed_policies.tail_of(text)
    power = _POWERFUL.get(tail or "")
    if power and arn.attached:
        severity: Severity | None = "note" if arn.holder in _OF_PEOPLE else None
        yield Finding(arn.span, f"`{tail}` {power}; write a policy with what is needed", severity=severity)


def _attachable(node: Node, arn: str) -> Fix | None:
    """The ARN of the policy that took the place of a retired one, or with the path that was left out."""
    tail = managed_policies.tail_of(arn) or ""
    retired = managed_policies.retirement(tail.rpartition("/")[2])
    hint = retired.successor if retired else managed_policies.nearest_policy(tail)
    if not hint or not managed_policies.exists(hint) or managed_policies.service_linked(hint):
        return None
    if not retired and hint.rpartition("/")[2] != tail.rpartition("/")[2]:
        return None
    return changed(node, arn, arn[: len(arn) - len(tail)] + hint, f"Name `{hint}`", "unsafe")


def judge_managed_policy(arn: str, attached: bool = True) -> Verdict | None:
    """What is wrong with the ARN of an AWS managed policy; None of others, of good ones and of wildcards.

    `attached`: an identity is to have the policy, which those of service-linked roles do not allow.
    """
    tail = managed_policies.tail_of(arn)
    if not tail or wild(tail):
        return None
    if managed_policies.service_linked(tail):
        return Verdict(_service_linked(tail)) if attached else None
    if managed_policies.exists(tail):
        return None
    name = tail.rpartition("/")[2]
    retired = managed_policies.retirement(name)
    if retired:
        instead = f"attach `{retired.successor}`" if retired.successor else "write the permissions that are needed"
        return Verdict(f"AWS has retired `{name}`, it cannot be attached any more; {instead}")
    if name in managed_policies.NEVER_EXISTED:
        return Verdict(
            f"AWS has no managed policy `{name}` and never had one; write the permissions that are needed in a policy "
            "of your own"
        )
    hint = managed_policies.nearest_policy(tail)
    if hint and hint.rpartition("/")[2] == name and managed_policies.service_linked(hint) and attached:
        return Verdict(_service_linked(hint))
    if hint and hint.rpartition("/")[2] == name:
        return Verdict(f"AWS has no managed policy `{tail}`; its ARN ends in `:policy/{hint}`, with the path")
    if hint:
        return Verdict(f"AWS has no managed policy `{tail}`; did you mean `{hint}`?", "warning", "medium")
    return Verdict(
        f"AWS has no managed policy `{tail}` in data of {managed_policies.data_date()}; check the name and its path",
        "note",
        "low",
    )


def _service_linked(tail: str) -> str:
    return (
        f"`{tail}` is reserved for a service-linked role and cannot be attached, so the stack fails; remove it "
        "and write the permissions that are needed"
    )


@check("upload-archive-without-status")
def upload_archive_without_status(policy: Policy) -> Iterator[Finding]:
    """A policy file for CodePipeline's source in CodeCommit that lacks one of the two calls which go together.

    Roles of templates are judged with all that they have, by `pipeline-role-lacks-permission`.
    """
    if policy.role != IDENTITY or policy.role_known:
        return
    allowing = [each for each in policy.statements if each.allows]
    if any(each.not_action_values for each in allowing):
        return
    values = [value for each in allowing for value in each.action_values]
    upload = next((value for value in values if value.text.lower() == "codecommit:uploadarchive"), None)
    status = "codecommit:getuploadarchivestatus"
    if upload and not any(covers(value.text.lower(), status) or not value.whole for value in values):
        yield Finding(
            upload.node.span,
            "CodePipeline uploads the archive and then asks for its status: a pipeline with this policy alone fails at "
            "its source; add `codecommit:GetUploadArchiveStatus`",
        )

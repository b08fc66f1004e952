"""Checks of what an identity policy grants beyond need."""

from __future__ import annotations

from collections.abc import Iterator

from cilint.catalog import iam_actions
from cilint.catalog.iam_actions import Action
from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed
from cilint.core.rule import check
from cilint.iam import breadth
from cilint.model.policy import IDENTITY, Statement


@check("over-broad-permission")
def over_broad_permission(statement: Statement) -> Iterator[Finding]:
    """An Allow of everything, or of actions that change things or read secrets on every resource though they could
    name theirs."""
    if statement.policy.role != IDENTITY:
        return
    everything = breadth.everything(statement)
    if everything is not None:
        yield Finding(
            everything.span,
            "this allows every action on every resource: whoever runs with it owns the account; "
            "list the actions and the resources that are needed",
        )
        return
    broad = breadth.judge(statement)
    if broad is None:
        return
    names = [action.full_name for action in broad.actions]
    yield Finding(
        broad.resource.span,
        f"{listed(names, 4)} {broad.worst} on every resource; "
        f"name the resources, such as `{arn_format(broad.actions)}`",
        related=tuple(Related(pattern.span, "granted here") for pattern in broad.patterns[:4]),
    )


def arn_format(actions: tuple[Action, ...]) -> str:
    """The ARN of a resource that the first action accepts, its parts as AWS's reference writes them."""
    action = actions[0]
    service = iam_actions.service(action.service)
    types = service.resource_types if service else {}
    wanted = (*action.required_types, *action.resource_types)
    formats = [types[name.lower()] for name in wanted if name.lower() in types]
    text = formats[0] if formats else f"arn:${{Partition}}:{action.service}:${{Region}}:${{Account}}:..."
    return text.replace("${Partition}", "aws").replace("${Region}", "REGION").replace("${Account}", "ACCOUNT")

"""Checks of what an identity policy grants beyond need."""

from __future__ import annotations

from collections.abc import Iterator

from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed
from cilint.core.rule import check
from cilint.iam import breadth, targets
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
        f"name the resources, such as `{targets.example(broad.actions[0])}`",
        related=tuple(Related(pattern.span, "granted here") for pattern in broad.patterns[:4]),
    )

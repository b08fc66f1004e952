"""Checks of `Resource` and `NotResource`: do the ARNs fit the actions?"""

from __future__ import annotations

from collections.abc import Iterator

from cilint.catalog import iam_actions
from cilint.catalog.iam_actions import Action
from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed
from cilint.core.rule import check
from cilint.iam import targets
from cilint.iam.patterns import arn_fields, wild
from cilint.model.policy import RCP, RESOURCE, TRUST, Statement
from cilint.model.values import Value

_Blamed = list[tuple[Value, Action]]


@check("action-resource-mismatch")
def action_resource_mismatch(statement: Statement) -> Iterator[Finding]:
    """An action none of whose resources is named, so that the statement does nothing for it."""
    resources = [value.text for value in statement.resource_values]
    if statement.policy.role in (RESOURCE, TRUST, RCP) or not resources or not statement.resources_known:
        return
    if not all(text.startswith("arn:") and targets.exists(text) for text in resources):
        return
    star_only: _Blamed = []
    others: _Blamed = []
    whole_service = any(_whole_service(text) for text in resources)
    for value in statement.action_values:
        action = _unfit(value, resources)
        if action and not action.star_only:
            others.append((value, action))
        elif action and not whole_service:
            star_only.append((value, action))
    verb = "allows" if statement.allows else "denies"
    if star_only:
        advice = f'so this {verb} nothing; move it to a statement with `"Resource": "*"`'
        yield _finding(star_only, ("takes", "take"), f"no resource, only `*`, {advice}")
    by_format: dict[str, _Blamed] = {}
    for value, action in others:
        by_format.setdefault(targets.example(action) or "", []).append((value, action))
    for arn, blamed in by_format.items():
        advice = f"and no resource here is one, so this {verb} nothing; add such a resource"
        yield _finding(blamed, ("works on", "work on"), f"`{arn}`, {advice}")


def _unfit(value: Value, resources: list[str]) -> Action | None:
    """The action that the value names, where it works on none of the resources."""
    action = None if wild(value.text) else iam_actions.action(value.text)
    if action and not any(targets.fits(action, resource) for resource in resources):
        return action
    return None


def _whole_service(resource: str) -> bool:
    """Whether an ARN leaves everything behind its account open; the data are not sure enough about such."""
    fields = arn_fields(resource)
    return fields is not None and not fields[4].strip("*")


def _finding(blamed: _Blamed, works: tuple[str, str], rest: str) -> Finding:
    """`works` is the verb for one action and for several."""
    names = listed([value.text for value, _ in blamed], 4).replace(" or ", " and ")
    related = tuple(Related(value.node.span, "and this") for value, _ in blamed[1:5])
    return Finding(blamed[0][0].node.span, f"{names} {works[len(blamed) > 1]} {rest}", related=related)

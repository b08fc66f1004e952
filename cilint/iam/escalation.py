"""Which ways to more permissions a principal's statements open together, after its denies, conditions and boundary."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from cilint.catalog import iam_actions
from cilint.catalog.iam_escalation import Path, actions, by_rarest_action
from cilint.iam import breadth, roles
from cilint.iam.patterns import covers
from cilint.model.policy import Principal, Statement
from cilint.model.values import Value


class Grant(NamedTuple):
    """How a statement grants one action. `wide`: on all of what it works on."""

    statement: Statement
    pattern: Value
    wide: bool
    whole: bool  # the pattern grants a whole service, or everything, which is another rule's matter


class Opened(NamedTuple):
    """A way that is open, with the grant of each of its actions, in their order."""

    path: Path
    grants: tuple[Grant, ...]


@lru_cache(maxsize=4)
def opened(principal: Principal) -> list[Opened]:
    """The ways that the principal's statements open."""
    granted = _granted(principal)
    found: list[Opened] = []
    if not granted:
        return found
    ways = by_rarest_action()
    for path in sorted(path for action in granted for path in ways.get(action, ())):
        if path.kind in ("data", "ended") or not all(action in granted for action in path.actions):
            continue
        grants = tuple(_best(granted[action], path, action) for action in path.actions)
        chosen = tuple(grant for grant in grants if grant is not None)
        if len(chosen) == len(grants) and not all(grant.whole for grant in chosen):
            found.append(Opened(path, chosen))
    return found


def _granted(principal: Principal) -> dict[str, list[Grant]]:
    """The actions of any way that some Allow statement grants and no unconditional Deny takes away."""
    found: dict[str, list[Grant]] = {}
    for statement in principal.statements:
        if not statement.allows or not statement.resource_values:
            continue
        for pattern in statement.action_values:
            for action in _of_ways(pattern.text.lower()) if pattern.whole else ():
                found.setdefault(action, []).append(
                    Grant(statement, pattern, _wide(statement, action), _is_whole(pattern.text))
                )
    if found:
        denies = [each for each in principal.statements if _denies_always(each)]
        found = {
            action: grants
            for action, grants in found.items()
            if not any(_takes(each, action) for each in denies) and _within(principal.boundary, action)
        }
    return found


@lru_cache(maxsize=4096)
def _of_ways(pattern: str) -> tuple[str, ...]:
    if "*" not in pattern and "?" not in pattern:
        return (pattern,) if pattern in actions() else ()
    return tuple(action for action in actions() if covers(pattern, action))


def _is_whole(pattern: str) -> bool:
    return not pattern.strip("*:") or breadth.whole_service(pattern)


def _wide(statement: Statement, action: str) -> bool:
    if action == roles.PASS_ROLE:
        return any(roles.names_every_role(value.text) for value in statement.resource_values)
    known = iam_actions.action(action)
    if known is None:
        return False
    if known.star_only:
        return True
    every = any(breadth.reach_of(known, value.text) == breadth.EVERY for value in statement.resource_values)
    return every and not any(breadth.narrows(test, known) for test in statement.tests)


def _denies_always(statement: Statement) -> bool:
    return (
        statement.effect is not None
        and statement.effect.value == "Deny"
        and statement.condition is None
        and breadth.anything(statement) is not None
    )


def _takes(deny: Statement, action: str) -> bool:
    if any(covers(value.text.lower(), action) for value in deny.action_values):
        return True
    kept = deny.not_action_values
    return bool(kept) and not any(covers(value.text.lower(), action) or not value.whole for value in kept)


def _within(boundary: tuple[Statement, ...] | None, action: str) -> bool:
    """Whether a boundary whose document is known lets the action through."""
    return boundary is None or any(
        each.allows and any(covers(value.text.lower(), action) or not value.whole for value in each.action_values)
        for each in boundary
    )


def _best(grants: list[Grant], path: Path, action: str) -> Grant | None:
    """The grant that serves the way; None where each is too narrow for it."""
    for grant in sorted(grants, key=lambda each: not each.wide):
        if action == roles.PASS_ROLE:
            if grant.wide and _passes_to(grant.statement, path.service):
                return grant
        elif path.kind == "role" or grant.wide:
            known = iam_actions.action(action)
            if known is None or not any(breadth.narrows(test, known) for test in grant.statement.tests):
                return grant
    return None


def _passes_to(statement: Statement, service: str) -> bool:
    """Whether a statement lets a role be passed to the service."""
    if roles.guarded(statement, roles.PASS_ROLE, "iam:passedtoservice"):
        return False
    for test in statement.tests:
        if test.name == "iam:passedtoservice" and test.positive:
            return any(covers(value.text, service) or not value.whole for value in test.values)
        if test.name == "iam:associatedresourcearn" and test.positive:
            return False
    return True

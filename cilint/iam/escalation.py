"""Which ways to more permissions a principal's statements open together, after its denies, conditions and boundary."""

from __future__ import annotations

from functools import lru_cache

from cilint.catalog import iam_actions, managed_policies
from cilint.catalog.iam_escalation import Path, actions, by_rarest_action
from cilint.iam import breadth, roles
from cilint.iam.patterns import covers
from cilint.model.policy import Principal, Statement
from cilint.model.values import text_of
from cilint.source.record import NamedTuple
from cilint.source.text import Span


class Grant(NamedTuple):
    """How a statement, or a managed policy of AWS, grants one action. `wide`: on all of what it works on."""

    statement: Statement | None  # None: `origin` names a managed policy
    origin: Span
    span: Span  # of the item of `Action`, or of the policy's ARN
    wide: bool
    whole: bool  # it grants a whole service, everything, or what AWS has put together: another rule's matter
    passes_to: tuple[str, ...] = ()  # of a managed policy's iam:PassRole: the services, as patterns


class Opened(NamedTuple):
    """A way that is open, with the grant of each of its actions, in their order."""

    path: Path
    grants: tuple[Grant, ...]


@lru_cache(maxsize=4)
def opened(principal: Principal) -> list[Opened]:
    """The ways that the principal's statements open."""
    grants_of = granted(principal)
    found: list[Opened] = []
    if not grants_of:
        return found
    ways = by_rarest_action()
    for path in sorted(path for action in grants_of for path in ways.get(action, ())):
        if path.kind in ("data", "ended") or not all(action in grants_of for action in path.actions):
            continue
        grants = tuple(_best(grants_of[action], path, action) for action in path.actions)
        chosen = tuple(grant for grant in grants if grant is not None)
        if len(chosen) == len(grants) and not all(grant.whole for grant in chosen):
            found.append(Opened(path, chosen))
    return found


def granted(principal: Principal) -> dict[str, list[Grant]]:
    """The actions of any way that a statement or a managed policy grants and no unconditional Deny takes away."""
    found: dict[str, list[Grant]] = {}
    for statement in principal.statements:
        if not statement.allows or not statement.resource_values:
            continue
        for pattern in statement.action_values:
            for action in _of_ways(pattern.text.lower()) if pattern.whole else ():
                wide, whole = _wide(statement, action), _is_whole(pattern.text)
                grant = Grant(statement, statement.span, pattern.node.span, wide, whole)
                found.setdefault(action, []).append(grant)
    if found and principal.managed:
        for node in principal.managed:
            powers = managed_policies.powers(managed_policies.tail_of(text_of(node) or "") or "")
            for action in powers.actions if powers else ():
                passes_to = powers.passes_to if powers and action == roles.PASS_ROLE else ()
                grant = Grant(None, node.span, node.span, wide=True, whole=True, passes_to=passes_to)
                found.setdefault(action, []).append(grant)
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
            if grant.wide and _passes_to(grant, path.service):
                return grant
        elif path.kind == "role" or grant.wide:
            known = iam_actions.action(action)
            tests = grant.statement.tests if grant.statement else ()
            if known is None or not any(breadth.narrows(test, known) for test in tests):
                return grant
    return None


def _passes_to(grant: Grant, service: str) -> bool:
    """Whether a grant of iam:PassRole lets a role be passed to the service."""
    statement = grant.statement
    if statement is None:
        return any(covers(pattern, service) for pattern in grant.passes_to)
    if roles.guarded(statement, roles.PASS_ROLE, "iam:passedtoservice"):
        return False
    for test in statement.tests:
        if test.name == "iam:passedtoservice" and test.positive:
            return any(covers(value.text, service) or not value.whole for value in test.values)
        if test.name == "iam:associatedresourcearn" and test.positive:
            return False
    return True

"""Checks of what a principal's permissions let it become."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cilint.core.finding import Finding, Related, Severity
from cilint.core.nearest import listed
from cilint.core.rule import check
from cilint.iam import escalation, roles
from cilint.iam.escalation import Opened
from cilint.model.policy import Principal


@check("privilege-escalation")
def privilege_escalation(principal: Principal) -> Iterator[Finding]:
    """Permissions that together let their holder take others: ways that are known in public lists."""
    found = [each for each in escalation.opened(principal) if not each.path.own]
    yield from _by_cause([each for each in found if each.path.kind in ("identity", "role")], principal)


@check("privilege-escalation-by-service")
def privilege_escalation_by_service(principal: Principal) -> Iterator[Finding]:
    """The same by ways that follow from a service's API and stand in no public list."""
    found = [each for each in escalation.opened(principal) if each.path.own]
    yield from _by_cause([each for each in found if each.path.kind in ("identity", "role")], principal)


@check("power-of-existing-resources")
def power_of_existing_resources(principal: Principal) -> Iterator[Finding]:
    """Actions by which a principal acts with the role of anything that is there already."""
    yield from _by_cause([each for each in escalation.opened(principal) if each.path.kind == "existing"], principal)


def _by_cause(found: list[Opened], principal: Principal) -> Iterator[Finding]:
    """One finding for each statement that opens ways: a statement with iam:PassRole opens many."""
    severity: Severity | None = "note" if principal.bounded else None
    causes: dict[int, list[Opened]] = {}
    for each in found:
        causes.setdefault(each.grants[_cause(each)].origin.start, []).append(each)
    for ways in causes.values():
        ways.sort(key=lambda each: (len(each.path.actions), each.path.id))
        first = ways[0]
        cause = first.grants[_cause(first)]
        yield Finding(
            cause.span,
            f"{_together(first)} {_how(first)} ({first.path.id}){_more(ways[1:])}; {_advice(first)}",
            severity=severity,
            related=tuple(
                Related(grant.span, f"grants {name}")
                for name, grant in zip(first.path.names, first.grants, strict=True)
                if grant.span != cause.span
            ),
        )


def _together(each: Opened) -> str:
    names = each.path.names
    if each.path.kind == "role":
        rest = [name for name in names if name.lower() != roles.PASS_ROLE]
        return f"`iam:PassRole` with {_and(rest)} lets its holder"
    return f"{_and(names)} {'together let their' if len(names) > 1 else 'lets its'} holder"


def _and(names: Iterable[str]) -> str:
    return listed(names).replace(" or ", " and ")


def _how(each: Opened) -> str:
    return each.path.how.replace("that role", f"any role that `{each.path.service}` may assume")


def _more(others: list[Opened]) -> str:
    """How many more ways there are, with the first of them in words."""
    if not others:
        return ""
    first = f"{others[0].path.how.replace('that role', 'such a role')} ({others[0].path.id})"
    return f", and {len(others)} more ways, such as to {first}" if len(others) > 1 else f", and also {first}"


def _cause(each: Opened) -> int:
    return each.path.actions.index(roles.PASS_ROLE) if roles.PASS_ROLE in each.path.actions else 0


def _advice(each: Opened) -> str:
    if each.path.kind == "role":
        return "limit `iam:PassRole` to the roles that it must pass"
    if each.path.kind == "existing":
        return "name the resources"
    return "name what it may change, or test `iam:PermissionsBoundary` or `iam:PolicyARN`"

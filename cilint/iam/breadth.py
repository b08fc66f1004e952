"""How broad an Allow statement is: what its actions can do, and what resources, conditions and denies leave of that.

Follows the order of the question "could this be narrower?": an action that accepts only `*` is never blamed, a read of
nothing secret is not either, a condition narrows only the actions whose requests carry its key, and a Deny subtracts
only where it holds for every resource and every request.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from cilint.catalog import iam_actions
from cilint.catalog.iam_actions import Action
from cilint.catalog.iam_sensitive import (
    CREATES,
    CREATING,
    CREDENTIALS,
    DATA_EXFILTRATION,
    DOCUMENTED_ON_EVERYTHING,
    STARTING,
    STARTS,
    TELLING,
)
from cilint.iam import keys, targets
from cilint.iam.patterns import covers
from cilint.model.policy import Policy, Statement, Test
from cilint.model.values import HOLE, Value
from cilint.source.record import NamedTuple

PERMISSIONS: Final = "can change permissions or credentials of {}"
WRITE: Final = "can change or delete {}"
ROLES: Final = "can assume any role{} whose trust policy admits this account"
SIGN_IN: Final = "can obtain credentials of {}"
DATA: Final = "can read {}"
START: Final = "can run, start, stop or send to {}"
CREATE: Final = "can create new things under any name"
KINDS: Final = (PERMISSIONS, WRITE, ROLES, SIGN_IN, DATA, START, CREATE)
"""What actions can do, the worst first, most with a place for what they reach: `every object`."""
READING: Final = (ROLES, SIGN_IN, DATA)

# How much of what an action works on a statement's Resource names.
EVERY: Final = "every resource"
ACCOUNT_WIDE: Final = "every resource of its type in the account"

_USUAL: Final = frozenset(
    # Every build writes its log; AWS's own samples name `*`.
    ["logs:createloggroup", "logs:createlogstream", "logs:putlogevents"]
    # AWS documents `*` for a build in a VPC, and for registering a task definition.
    + ["ec2:createnetworkinterface", "ec2:deletenetworkinterface", "ecs:registertaskdefinition"]
    # Took no resource until 2026.
    + ["cloudwatch:putmetricdata"]
)
_READING: Final = ("Get", "List", "Describe", "BatchGet", "Search")
"""AWS's reference calls some such actions permissions management, which they only read."""
_NO_PERMISSIONS: Final = frozenset(["cloudformation:setstackpolicy"])
"""AWS's reference calls it permissions management, but it decides what an update of the stack may touch."""
# Words in the names of actions that tell a reader at once what is at stake.
_TELLING_WORDS: Final = re.compile(
    "(?!Delete|Remove|Detach|Cancel).*(?:Policy|Permission|Acl$|AccessKey|Login|Password)"
)
_HARMING: Final = ("Delete", "Terminate", "Update", "Put", "Modify")
_OWN_RULES: Final = frozenset(["iam:passrole", "iam:createservicelinkedrole"])
_NARROWING: Final = (
    # Global keys that say by which way a request comes; others say when, by whom, or from which browser.
    ("aws:calledvia", "aws:viaawsservice", "aws:sourcevp", "aws:sourceip", "aws:vpcsourceip", "aws:vpce")
    + ("aws:sourcearn", "aws:multifactorauth", "codebuild:projectarn", "codebuild:buildarn")
)
_OWN_ACCOUNT: Final = ("aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths")
"""Keys that keep a request in the own account or organisation: narrower by one level, not narrow."""


class Broad(NamedTuple):
    """What makes a statement broad. `worst` is one of KINDS, `reach` EVERY or ACCOUNT_WIDE; `actions` are to blame."""

    worst: str
    reach: str
    fenced: bool  # whether conditions keep it in the own account or organisation
    actions: tuple[Action, ...]
    patterns: tuple[Value, ...]  # the items of `Action` that cover them
    resource: Value


def everything(statement: Statement) -> Value | None:
    """The action that grants every action of every service on every resource, if the statement has one."""
    if not statement.allows or anything(statement) is None or any(map(narrows_anything, statement.tests)):
        return None
    return next((each for each in statement.action_values if each.text.strip("*") in ("", ":")), None)


def anything(statement: Statement) -> Value | None:
    """The item of `Resource` that names all resources of all services, or None."""
    return next((value for value in statement.resource_values if covers(value.text, "arn:aws:*:*:*:*")), None)


def judge(statement: Statement) -> Broad | None:
    """The worst that an Allow statement lets happen to resources that it could name; None if nothing.

    Patterns that grant a whole service, and the two actions that hand over roles, are judged by `service_wildcards`
    and `cilint.iam.roles`.
    """
    if not statement.allows or not statement.resource_values:
        return None
    found: dict[tuple[str, str], tuple[list[Action], list[Value], Value]] = {}
    services = {_prefix(pattern) for pattern in statement.action_values if whole_service(pattern.text)}
    for pattern in statement.action_values:
        if not pattern.whole or ":" not in pattern.text or _prefix(pattern) in services:
            continue
        for kind, actions in risky(pattern.text).items():
            for action in actions:
                reached = _reach(action, statement)
                if reached and not narrowed(action, statement) and not denied(action, statement.policy):
                    blamed, patterns, _ = found.setdefault((kind, reached[0]), ([], [], reached[1]))
                    blamed.append(action)
                    if pattern not in patterns:
                        patterns.append(pattern)
    for reach in (EVERY, ACCOUNT_WIDE):
        for worst in KINDS:
            if (worst, reach) in found:
                actions_, patterns, resource = found[worst, reach]
                fenced = any(test.positive and test.name in _OWN_ACCOUNT for test in statement.tests)
                blamed = sorted(dict.fromkeys(actions_), key=_how_telling)
                return Broad(worst, reach, fenced, tuple(blamed), tuple(patterns), resource)
    return None


class Whole(NamedTuple):
    """A pattern that grants a whole service, and the worst of what that holds on the statement's resources."""

    pattern: Value
    service: str
    worst: str
    reach: str | None  # None: on named resources only
    actions: tuple[Action, ...]  # all that are worth naming, the most telling first


def service_wildcards(statement: Statement) -> list[Whole]:
    """The patterns such as `s3:*` of an Allow statement, where they hold something worth naming."""
    if not statement.allows or not statement.resource_values:
        return []
    patterns: dict[str, Value] = {}
    for each in statement.action_values:
        if each.whole and whole_service(each.text):
            patterns.setdefault(_prefix(each), each)
    wholes = [_whole(each, statement) for each in patterns.values()]
    return [each for each in wholes if each is not None]


def _whole(pattern: Value, statement: Statement) -> Whole | None:
    worst, hit = _held(pattern.text)
    star = any(not value.text.strip("*") for value in statement.resource_values)
    if star and not statement.tests and not unconditional_denies(statement.policy):
        return Whole(pattern, _prefix(pattern), worst, EVERY, hit) if worst else None
    hit = tuple(
        each
        for each in hit
        if not narrowed(each, statement) and not denied(each, statement.policy) and _reaches(each, statement)
    )
    kinds = {_kind(each) for each in hit}
    worst = next((kind for kind in KINDS if kind in kinds), None)
    if worst is None:
        return None
    wide = next((reached for each in hit if (reached := _reach(each, statement))), None)
    return Whole(pattern, _prefix(pattern), worst, wide[0] if wide else None, hit)


@lru_cache(maxsize=256)
def _held(pattern: str) -> tuple[str | None, tuple[Action, ...]]:
    """The worst that a whole service lets happen, and all of it that is worth naming, with those telling actions that
    no rule blames by themselves; the most telling first."""
    kinds = risky(pattern)
    held = [action for kind in KINDS for action in kinds.get(kind, ())]
    usual = [name for name in _USUAL if name in TELLING and covers(pattern.lower(), name)]
    held += [action for name in usual if (action := iam_actions.action(name))]
    held.sort(key=lambda each: TELLING.get(each.full_name.lower(), 99))
    return next((kind for kind in KINDS if kind in kinds), None), tuple(held)


def _prefix(pattern: Value) -> str:
    return pattern.text.partition(":")[0].lower()


def whole_service(pattern: str) -> bool:
    """Whether a pattern covers all actions of one service: `s3:*`."""
    prefix, colon, name = pattern.partition(":")
    return bool(colon and name) and not name.strip("*") and "*" not in prefix and "?" not in prefix


@lru_cache(maxsize=1024)
def risky(pattern: str) -> dict[str, tuple[Action, ...]]:
    """The actions that a pattern covers and that could name their resources, by the worst that each can do."""
    found: dict[str, list[Action]] = {}
    covered = iam_actions.expand(pattern)
    for action in sorted(covered, key=_how_telling):
        kind = _kind(action)
        if kind:
            found.setdefault(kind, []).append(action)
    return {kind: tuple(actions) for kind, actions in found.items()}


def _how_telling(action: Action) -> tuple[int, bool, bool]:
    name = action.name
    return TELLING.get(action.full_name.lower(), 99), not _TELLING_WORDS.match(name), not name.startswith(_HARMING)


def _kind(action: Action) -> str | None:
    name = action.full_name.lower()
    if action.star_only or name in _USUAL or name in _OWN_RULES:
        return None
    if "P" in action.levels and not action.name.startswith(_READING) and name not in _NO_PERMISSIONS:
        return PERMISSIONS
    if name == "sts:assumerole":
        return ROLES
    if name in CREDENTIALS:
        return SIGN_IN
    if name in DATA_EXFILTRATION:
        return DATA
    if "W" not in action.levels or "T" in action.levels:
        return WRITE if name in _NO_PERMISSIONS else None
    if name in STARTS or action.name.startswith(STARTING):
        return START
    return CREATE if name in CREATES or action.name.startswith(CREATING) else WRITE


def routine(actions: tuple[Action, ...]) -> bool:
    """Whether AWS's own documents grant all of the actions on every resource."""
    return all(action.full_name.lower() in DOCUMENTED_ON_EVERYTHING for action in actions)


def _reaches(action: Action, statement: Statement) -> bool:
    return any(targets.fits(action, value.text) for value in statement.resource_values)


def _reach(action: Action, statement: Statement) -> tuple[str, Value] | None:
    """How far the statement's resources reach for an action, and the item that does; None where they are named."""
    wide = None
    for value in statement.resource_values:
        reach = reach_of(action, value.text)
        if reach == EVERY:
            return EVERY, value
        if reach and wide is None:
            wide = reach, value
    return wide


@lru_cache(maxsize=8192)
def reach_of(action: Action, resource: str) -> str | None:
    """EVERY, ACCOUNT_WIDE or None for a resource that is a part only of what the action works on."""
    if not resource.strip("*"):
        return EVERY
    if "*" not in resource:
        return None
    needed = targets.formats(action)[: len(action.required_types) or None]
    return max((_reach_of_format(each, resource) for each in needed), default=None, key=_RANK.index)


_RANK: Final = (None, ACCOUNT_WIDE, EVERY)


def _reach_of_format(arn_format: str, resource: str) -> str | None:
    """Whether the resource part of an ARN pattern covers all that the format allows there, and its region and account
    leave everything open too (an empty field of the format leaves nothing to say)."""
    wanted, given = arn_format.split(":", 5), resource.split(":", 5)
    if len(given) < 6 and HOLE in resource:
        return None
    while len(given) < 6 and given[-1].endswith("*"):
        given.append("*")
    if len(given) < 6 or len(wanted) < 6 or not covers(given[2], wanted[2]):
        return None
    open_part = targets.PART.sub("*", wanted[5])
    if HOLE in given[5] or not covers(given[5], open_part):
        return None
    fields = [(w, g) for w, g in zip(wanted[3:5], given[3:5], strict=True) if w]
    return EVERY if all(g == "*" for _, g in fields) or wanted[2] == "iam" else ACCOUNT_WIDE


# --- conditions and denies


def narrowed(action: Action, statement: Statement) -> bool:
    """Whether some test of the statement limits what the action reaches."""
    return any(narrows(test, action) for test in statement.tests)


def narrows(test: Test, action: Action) -> bool:
    """Whether a test limits what the action reaches: it needs a key that requests for this action carry."""
    if not test.positive or test.name in _OWN_ACCOUNT or _matches_all(test):
        return False
    return narrows_anything(test) or keys.carries(action, test.name)


def narrows_anything(test: Test) -> bool:
    """Whether a test limits by which way any request comes."""
    return test.positive and test.name.startswith(_NARROWING) and not _matches_all(test)


def _matches_all(test: Test) -> bool:
    return test.base.endswith("Like") and any(value.text == "*" for value in test.values)


def denied(action: Action, policy: Policy) -> bool:
    """Whether a Deny of the same policy takes the action away on every resource and for every request."""
    name = action.full_name.lower()
    for statement in unconditional_denies(policy):
        if any(covers(value.text.lower(), name) for value in statement.action_values):
            return True
        kept = statement.not_action_values
        if kept and not any(covers(value.text.lower(), name) or not value.whole for value in kept):
            return True
    return False


def unconditional_denies(policy: Policy) -> list[Statement]:
    """The statements that deny their actions on every resource and for every request."""
    return [each for each in policy.unconditional_denies if anything(each) is not None]

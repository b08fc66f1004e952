"""How broad a statement is: what its actions can do, and what its resources and conditions leave them.

Follows the order of the question "could this be narrower?": an action that accepts only `*` is never blamed, a read of
nothing secret is not either, and a condition that narrows clears the statement.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from cilint.catalog import iam_actions
from cilint.catalog.iam_actions import Action
from cilint.catalog.iam_sensitive import CREDENTIALS, DATA_EXFILTRATION
from cilint.model.policy import Statement
from cilint.source.nodes import Mapping, Node, Scalar

PERMISSIONS: Final = "can change permissions or credentials"
WRITE: Final = "can change or delete"
DATA: Final = "can read data and secrets"

_ANY: Final = frozenset(["*", "arn:*", "arn:*:*", "arn:*:*:*:*:*", "arn:aws:*", "arn:aws:*:*:*:*", "arn:aws:s3:::*"])
_USUAL: Final = frozenset(
    # Every build writes its log; AWS's own samples name `*`.
    ["logs:createloggroup", "logs:createlogstream", "logs:putlogevents"]
    # AWS documents `*` for a build in a VPC, and for registering a task definition.
    + ["ec2:createnetworkinterface", "ec2:deletenetworkinterface", "ecs:registertaskdefinition"]
)
_NOT_NARROWING: Final = (
    "aws:securetransport",
    "aws:requestedregion",
    "aws:useragent",
    "aws:referer",
    "aws:currenttime",
)


class Broad(NamedTuple):
    """What makes a statement broad. `worst` is one of PERMISSIONS, WRITE, DATA; `actions` are the ones to blame."""

    worst: str
    actions: tuple[Action, ...]
    patterns: tuple[Scalar, ...]  # the items of `Action` that cover them
    resource: Scalar


def everything(statement: Statement) -> Scalar | None:
    """The action that grants every action of every service on every resource, if the statement has one."""
    if not statement.allows or broad_resource(statement) is None or narrowed(statement):
        return None
    return next((each for each in _texts(statement.actions) if each.value in ("*", "*:*")), None)


def broad_resource(statement: Statement) -> Scalar | None:
    """The item of `Resource` that names everything, or None. Values built from intrinsics are not judged."""
    return next((each for each in _texts(statement.resources) if each.value in _ANY), None)


def narrowed(statement: Statement) -> bool:
    """Whether a condition limits what the statement reaches; one on time, region or transport does not."""
    condition = statement.condition
    for operator in condition.entries if condition else ():
        if operator.name.lower().endswith("ifexists") or operator.name.lower().startswith("forallvalues:"):
            continue
        if isinstance(operator.value, Mapping):
            for key in operator.value.names():
                if not key.lower().startswith(_NOT_NARROWING):
                    return True
    return False


def judge(statement: Statement) -> Broad | None:
    """The worst that an Allow statement lets happen to any resource although it could name them; None if nothing."""
    resource = broad_resource(statement)
    if not statement.allows or resource is None or narrowed(statement):
        return None
    found: dict[str, tuple[list[Action], list[Scalar]]] = {}
    for pattern in _texts(statement.actions):
        if pattern.value in ("*", "*:*"):
            continue
        for action in iam_actions.expand(pattern.value):
            kind = _kind(action)
            if kind:
                actions, patterns = found.setdefault(kind, ([], []))
                actions.append(action)
                if pattern not in patterns:
                    patterns.append(pattern)
    for worst in (PERMISSIONS, WRITE, DATA):
        if worst in found:
            actions, patterns = found[worst]
            return Broad(worst, tuple(actions), tuple(patterns), resource)
    return None


def _kind(action: Action) -> str | None:
    name = action.full_name.lower()
    if action.star_only or name in _USUAL:
        return None
    if "P" in action.levels:
        return PERMISSIONS
    if "W" in action.levels and "T" not in action.levels:
        return WRITE
    return DATA if name in DATA_EXFILTRATION or name in CREDENTIALS else None


def _texts(nodes: tuple[Node, ...]) -> list[Scalar]:
    return [node for node in nodes if isinstance(node, Scalar) and node.tag is None]

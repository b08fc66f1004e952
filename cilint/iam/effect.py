"""What statements allow together: which actions on which resources, for whom and when, with denies taken off.

A Deny is taken off where it is certain to hold: no condition, the whole resource, all who are let in; any other stays
beside what it may take away. Conditions are named, never evaluated. How this is shown is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from cilint.catalog import iam_actions
from cilint.catalog.iam_actions import Action
from cilint.iam import targets
from cilint.iam.patterns import NAME, covers, overlap, wild
from cilint.model.intrinsics import intrinsic, is_intrinsic, symbolic
from cilint.model.policy import Statement
from cilint.model.values import HOLE, Value
from cilint.source.nodes import Mapping, Node, Scalar, Sequence
from cilint.source.record import NamedTuple

LEVELS: Final = {"L": "List", "R": "Read", "W": "Write", "P": "Permissions management", "T": "Tagging"}
"""AWS's access levels, in the order of its console."""
UNLISTED: Final = "not in AWS's reference"
_STRONGEST: Final = "PTWRL"
_STAR: Final = "*"
_OPEN: Final = "what only a stack knows"


class Named(NamedTuple):
    """A text with holes, and how a reader knows it: `${Bucket}/*`."""

    text: str
    shown: str


_OWN: Final = Named("", "")
"""The resource that a policy without `Resource` belongs to."""


class Scope(NamedTuple):
    """For whom (empty: for the holder), on what and when something is allowed or denied, in texts of the policy."""

    who: tuple[str, ...]
    resources: tuple[Named, ...]  # empty: on what the policy belongs to
    spared: tuple[Named, ...]  # the items of NotResource
    conditions: tuple[str, ...]


class Denial(NamedTuple):
    """A Deny as it is written, which holds whatever is allowed."""

    actions: tuple[Named, ...]
    kept: tuple[Named, ...]  # the items of NotAction
    scope: Scope


class Row(NamedTuple):
    """Actions of one service and level that are allowed alike. `of` is how many actions the service has there;
    `denials` are indexes of those that may take some of it away, `bounded` says that a boundary may."""

    service: str
    level: str
    actions: tuple[str, ...]
    of: int
    scope: Scope
    denials: tuple[int, ...] = ()
    bounded: bool = False


class Everything(NamedTuple):
    """All actions of all services but some."""

    but: tuple[str, ...]
    scope: Scope
    denials: tuple[int, ...] = ()


class Idle(NamedTuple):
    """An item of `Action` that allows nothing, and why."""

    action: str
    why: str


class Effect(NamedTuple):
    """What statements come to. `held_back` are the actions that the boundary does not let through, `unknown` those of
    which only a stack or a template engine knows which they are."""

    everything: tuple[Everything, ...]
    rows: tuple[Row, ...]
    denials: tuple[Denial, ...]
    idle: tuple[Idle, ...]
    held_back: tuple[str, ...]
    unknown: tuple[str, ...]


class _Grant(NamedTuple):
    scope: Scope
    denials: tuple[int, ...]
    bounded: bool


def effect(
    statements: Iterable[Statement], boundary: Iterable[Statement] | None = None, service: str | None = None
) -> Effect:
    """What the statements allow within a boundary; `service` asks about the actions of one service only.

    Actions come from AWS's Service Authorization Reference in the catalogue. A resource that an action does not work on
    allows nothing for it.
    """
    own, limits = list(statements), None if boundary is None else list(boundary)
    return _Reckoning(own, limits, service and service.lower()).effect()


class _Reckoning:
    """One evaluation, with all that it has found so far."""

    def __init__(self, statements: list[Statement], boundary: list[Statement] | None, service: str | None) -> None:
        self.statements = statements
        self.boundary = None if boundary is None else [each for each in boundary if each.allows]
        self.service = service
        denying = [each for each in (*statements, *(boundary or ())) if _denies(each)]
        self.denials = tuple(
            Denial(_named(each.action_values), _named(each.not_action_values), _scope(each)) for each in denying
        )
        self.everything: list[Everything] = []
        self.grants: dict[tuple[str, str, str], list[_Grant]] = {}
        self.idle: dict[str, Idle] = {}
        self.held_back: dict[str, None] = {}
        self.unknown: dict[str, None] = {}

    def effect(self) -> Effect:
        for statement in self.statements:
            if statement.allows:
                self.allow(statement, _scope(statement))
        idle, held_back, unknown = tuple(self.idle.values()), tuple(self.held_back), tuple(self.unknown)
        return Effect(tuple(self.everything), self.rows(), self.denials, idle, held_back, unknown)

    def allow(self, statement: Statement, scope: Scope) -> None:
        if statement.get("NotAction") is not None:
            self.unknown.update(dict.fromkeys(_shown(each) for each in statement.not_action_values if not each.whole))
            self.all_but(statement.not_action_values, scope)
        for value in statement.action_values:
            if not value.whole:
                self.unknown[_shown(value)] = None
            elif not value.text.replace(":", "", 1).strip("*"):
                self.all_but((), scope)
            else:
                self.pattern(value.text, scope)

    def all_but(self, kept: tuple[Value, ...], scope: Scope) -> None:
        """Every action but the kept ones; as one row where the resources narrow nothing."""
        anywhere = not scope.resources or any(_anything(each.text) for each in scope.resources)
        if anywhere and self.boundary is None and self.service is None:
            but = tuple(each.text if each.whole else _shown(each) for each in kept)
            taken, denials = _off_everything(self.denials, scope)
            self.everything.append(Everything((*but, *taken), scope, denials))
            return
        kept_texts = [each.text.lower() for each in kept]
        self.grant_any(
            [
                action
                for action in self.expand(_STAR, scope)
                if not any(overlap(text, action.full_name.lower()) for text in kept_texts)
            ],
            scope,
        )

    def pattern(self, pattern: str, scope: Scope) -> None:
        prefix, _, name = pattern.partition(":")
        if self.service is not None and not covers(prefix.lower(), self.service):
            return
        if not wild(pattern):
            action = iam_actions.action(pattern)
            if action is None:
                self.unlisted(prefix.lower(), name, scope)
            elif not self.grant_any([action], scope):
                self.idle[pattern] = Idle(pattern, _why_idle(action))
        elif not self.grant_any(list(self.expand(pattern, scope)), scope) and not iam_actions.expand(pattern):
            self.idle[pattern] = Idle(pattern, f"matches no action in AWS's reference of {iam_actions.data_date()}")

    def expand(self, pattern: str, scope: Scope) -> Iterator[Action]:
        """The actions that a pattern covers, of the services that have such resources."""
        if self.service is not None:
            name = pattern.partition(":")[2] or _STAR
            yield from iam_actions.expand(f"{self.service}:{name}")
            return
        for action in iam_actions.expand(pattern):
            if any(_worth_a_look(action.service, each.text) for each in scope.resources) or not scope.resources:
                yield action

    def unlisted(self, prefix: str, name: str, scope: Scope) -> None:
        """An action that the catalogue does not know: AWS may."""
        full = f"{prefix}:{name}"
        gone = iam_actions.discontinued(full)
        if gone:
            self.idle[full] = Idle(full, gone)
        elif iam_actions.service(prefix) is None:
            self.idle[full] = Idle(full, f"is of no service in AWS's reference of {iam_actions.data_date()}")
        else:
            self.keep((prefix, UNLISTED, name), full, scope)

    def grant_any(self, actions: list[Action], scope: Scope) -> bool:
        """Note what is left of each action that works on some of the resources; False where none does."""
        fitting: list[tuple[Action, tuple[Named, ...]]] = [(action, ()) for action in actions]
        if scope.resources:
            fitting = _fitting(actions, scope.resources, _as_name) or _fitting(actions, scope.resources, str)
        for action, resources in fitting:
            key = action.service, _level(action), action.name
            self.keep(key, action.full_name, scope._replace(resources=resources))
        return bool(fitting)

    def keep(self, key: tuple[str, str, str], full_name: str, scope: Scope) -> None:
        name = full_name.lower()
        let_through, bounded = self.within(name, scope)
        if not let_through:
            self.held_back[full_name] = None
            return
        left, denials = _less(self.denials, name, scope)
        if left is not None:
            self.grants.setdefault(key, []).append(_Grant(left, denials, bounded))

    def within(self, name: str, scope: Scope) -> tuple[bool, bool]:
        """Whether the boundary lets anything of an action through, and whether it may hold some of it back."""
        if self.boundary is None:
            return True, False
        letting = [each for each in self.boundary if _may_name(each, name)]
        freely = any(
            _scope(each).conditions == () and not each.not_resource_values and _names_all(each, scope)
            for each in letting
            if any(covers(value.text.lower(), name) for value in each.action_values)
        )
        return bool(letting), not freely

    def rows(self) -> tuple[Row, ...]:
        """What is granted alike in one row each, without what another grant of the same action covers."""
        alike: dict[tuple[str, str, _Grant], list[str]] = {}
        for (service, level, name), grants in self.grants.items():
            for grant in _widest(grants):
                if not any(_holds(every, f"{service}:{name}", grant) for every in self.everything):
                    alike.setdefault((service, level, grant), []).append(name)
        rows = [
            Row(service, level, tuple(sorted(set(names))), _count(service, level), *grant)
            for (service, level, grant), names in alike.items()
        ]
        order = [*LEVELS.values(), UNLISTED]
        return tuple(sorted(rows, key=lambda row: (row.scope.who, row.service, order.index(row.level))))


# --- statements as scopes


def _denies(statement: Statement) -> bool:
    return statement.effect is not None and statement.effect.value == "Deny"


def _scope(statement: Statement) -> Scope:
    resources, spared = _named(statement.resource_values), _named(statement.not_resource_values)
    if not statement.resources_known or (not resources and _has_unread(statement, "Resource")):
        resources = (*resources, Named(HOLE, _OPEN))
    if spared or _has_unread(statement, "NotResource"):
        resources = (Named(_STAR, _STAR),)
    return Scope(_who(statement), resources, spared, _conditions(statement))


def _has_unread(statement: Statement, key: str) -> bool:
    node = statement.get(key)
    return node is not None and is_intrinsic(node)


def _named(values: Iterable[Value]) -> tuple[Named, ...]:
    return tuple(Named(each.text, _shown(each)) for each in values)


def _shown(value: Value) -> str:
    """The text of a value as it was written, with `${Name}` for what a stack puts in."""
    if value.whole:
        return value.text
    node = value.node
    return node.value if isinstance(node, Scalar) and node.tag is None else symbolic(node) or _OPEN


def _who(statement: Statement) -> tuple[str, ...]:
    for key, phrase in (("Principal", "{}"), ("NotPrincipal", "everybody but {}")):
        node = statement.get(key)
        if node is not None:
            return tuple(phrase.format(each) for each in _principals(node))
    return ()


def _principals(node: Node) -> Iterator[str]:
    if isinstance(node, Mapping) and not is_intrinsic(node):
        for entry in node.entries:
            for item in entry.value.items if isinstance(entry.value, Sequence) else [entry.value]:
                yield f"{entry.name} {symbolic(item) or 'whom only a stack knows'}"
    else:
        text = symbolic(node)
        yield "everybody" if text == _STAR else text or "whom only a stack knows"


def _conditions(statement: Statement) -> tuple[str, ...]:
    found = [
        f"{test.key.value} {test.operator.value} {', '.join(map(_shown, test.values)) or _OPEN}"
        for test in statement.tests
    ]
    node = statement.get("Condition")
    if not found and node is not None and not (isinstance(node, Mapping) and not node.entries):
        found.append("a condition that only a stack knows")
    return (*found, *(["in some stacks only (Fn::If)"] if _by_stack(statement) else []))


def _by_stack(statement: Statement) -> bool:
    """Whether a condition of the template decides over the statement or a part of it."""
    listed = statement.policy.get("Statement")
    plain = [listed, *(listed.items if isinstance(listed, Sequence) else ())]
    return not any(each is statement.node for each in plain) or _branches(statement.node)


def _branches(node: Node) -> bool:
    found = intrinsic(node)
    if found is not None:
        return found.name == "If"
    children = node.items if isinstance(node, Sequence) else ()
    if isinstance(node, Mapping):
        children = [entry.value for entry in node.entries]
    return any(map(_branches, children))


# --- denies


def _less(denials: tuple[Denial, ...], name: str, scope: Scope) -> tuple[Scope | None, tuple[int, ...]]:
    """What denials leave of an action's scope, None for nothing, and which of them may take more away."""
    left, touching = scope.resources, []
    for index, denial in enumerate(denials):
        if not _may_deny(denial, name):
            continue
        if _certain(denial, name, scope):
            left = tuple(each for each in left if not _takes(denial.scope, each))
            if not left and (scope.resources or _takes(denial.scope, _OWN)):
                return None, ()
        if not left or any(_touches(denial.scope, each) for each in left):
            touching.append(index)
    return scope._replace(resources=left), tuple(touching)


def _off_everything(denials: tuple[Denial, ...], scope: Scope) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The actions that denials take off everything for certain, and the denials that may take more."""
    taken: list[str] = []
    touching = []
    for index, denial in enumerate(denials):
        plain = denial.actions and all(HOLE not in each.text for each in denial.actions)
        certain = plain and not denial.scope.conditions and _reaches_all(denial.scope, scope)
        if certain and all(_takes(denial.scope, each) for each in scope.resources):
            taken += [each.text for each in denial.actions]
        else:
            touching.append(index)
    return tuple(taken), tuple(touching)


def _may_deny(denial: Denial, name: str) -> bool:
    if denial.kept:
        return not any(covers(each.text.lower(), name) for each in denial.kept)
    return any(overlap(each.text.lower(), name) for each in denial.actions)


def _certain(denial: Denial, name: str, scope: Scope) -> bool:
    """Whether a denial takes the action away from all who have it, in every request, where it takes it."""
    if denial.scope.conditions or not _reaches_all(denial.scope, scope):
        return False
    if denial.kept:
        return not any(overlap(each.text.lower(), name) for each in denial.kept)
    return any(covers(each.text.lower(), name) for each in denial.actions)


def _reaches_all(denied: Scope, allowed: Scope) -> bool:
    return "everybody" in denied.who or "AWS *" in denied.who or set(allowed.who) <= set(denied.who)


def _takes(denied: Scope, resource: Named) -> bool:
    """Whether a denial's resources hold the whole of a resource; a resource without a text is what the policy is of."""
    if not denied.resources:
        return True
    if not any(_holds_all(each, resource) for each in denied.resources):
        return False
    return not any(overlap(each.text, resource.text) for each in denied.spared)


def _holds_all(wide: Named, narrow: Named) -> bool:
    return (
        not wide.text.strip("*")
        or wide.shown == narrow.shown != ""
        or (narrow.text != "" and covers(wide.text, narrow.text.replace(HOLE, _STAR)))
    )


def _touches(denied: Scope, resource: Named) -> bool:
    if any(_holds_all(each, resource) for each in denied.spared):
        return False
    return not denied.resources or any(overlap(each.text, resource.text) for each in denied.resources)


# --- boundaries


def _may_name(statement: Statement, name: str) -> bool:
    kept = statement.not_action_values
    if kept:
        return not any(covers(each.text.lower(), name) for each in kept)
    return any(overlap(each.text.lower(), name) for each in statement.action_values)


def _names_all(statement: Statement, scope: Scope) -> bool:
    items = _named(statement.resource_values)
    return all(any(_holds_all(item, each) for item in items) for each in scope.resources)


# --- grants


def _widest(grants: list[_Grant]) -> list[_Grant]:
    """The grants that no other one covers."""
    found: list[_Grant] = []
    for grant in dict.fromkeys(grants):
        if not any(_wider(each, grant) for each in found):
            found = [*(each for each in found if not _wider(grant, each)), grant]
    return found


def _wider(one: _Grant, other: _Grant) -> bool:
    """Whether all that `other` allows is allowed by `one` too."""
    wide, narrow = one.scope, other.scope
    return (
        wide.who == narrow.who
        and wide.spared in ((), narrow.spared)
        and set(wide.conditions) <= set(narrow.conditions)
        and set(one.denials) <= set(other.denials)
        and one.bounded <= other.bounded
        and all(any(_holds_all(item, each) for item in wide.resources) for each in narrow.resources)
    )


def _holds(every: Everything, full_name: str, grant: _Grant) -> bool:
    """Whether a row of everything says already what a grant allows."""
    name = full_name.lower()
    return not any(overlap(each.lower(), name) for each in every.but) and _wider(
        _Grant(every.scope, every.denials, False), grant
    )


# --- actions


def _fitting(
    actions: list[Action], resources: tuple[Named, ...], reading: Callable[[str], str]
) -> list[tuple[Action, tuple[Named, ...]]]:
    """The actions that work on some of the resources, each with those."""
    found = []
    for action in actions:
        own = tuple(each for each in resources if each.text == HOLE or targets.fits(action, reading(each.text)))
        if own:
            found.append((action, own))
    return found


def _as_name(resource: str) -> str:
    """An ARN with each hole taken for a name, without `/` and `:`: `arn:aws:s3:::${Bucket}` is a bucket."""
    return resource.replace(HOLE, NAME) if resource.startswith("arn:") else resource


def _anything(resource: str) -> bool:
    """Whether a resource may be any of any service."""
    return resource == HOLE or covers(resource, "arn:aws:*:*:*:*")


def _level(action: Action) -> str:
    return next((LEVELS[letter] for letter in _STRONGEST if letter in action.levels), UNLISTED)


def _count(service: str, level: str) -> int:
    found = iam_actions.service(service)
    return sum(_level(action) == level for action in found.actions.values()) if found else 0


def _why_idle(action: Action) -> str:
    if action.star_only:
        return "takes no resource, only `*`"
    return f"works on none of the resources here, but on `{targets.example(action)}`"


def _worth_a_look(prefix: str, resource: str) -> bool:
    """Whether a service has resources that an ARN may name, judged by the ARN's service alone."""
    fields = resource.split(":", 3)
    if len(fields) < 4 or wild(fields[2]):
        return True
    found = iam_actions.service(prefix)
    return found is not None and any(f":{fields[2]}:" in each for each in found.resource_types.values())

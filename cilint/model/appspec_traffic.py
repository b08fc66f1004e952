"""What appspecs for ECS and Lambda have in common: one resource, and hooks that name Lambda functions
(https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html).

CodeDeploy reads their keys whatever their case is; so do these views.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

from cilint.model.view import View
from cilint.source.nodes import Entry, Mapping, Node, Scalar, Sequence
from cilint.source.text import Span

ECS_EVENTS: Final = (
    "BeforeInstall",
    "AfterInstall",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
)
LAMBDA_EVENTS: Final = ("BeforeAllowTraffic", "AfterAllowTraffic")


def entry(node: Node | None, name: str) -> Entry | None:
    """The entry whose key is `name` in any case; the last one, as readers take it."""
    if not isinstance(node, Mapping):
        return None
    wanted = name.lower()
    return next((each for each in reversed(node.entries) if each.name.lower() == wanted), None)


def value(node: Node | None, *names: str) -> Node | None:
    """The value at a path of keys in any case."""
    for name in names:
        found = entry(node, name)
        node = found.value if found else None
    return node


def word(node: Node | None, *names: str) -> Scalar | None:
    """The scalar at a path of keys in any case; None where it is absent, empty or no scalar."""
    found = value(node, *names)
    return found if isinstance(found, Scalar) and not found.is_null else None


class TrafficHook(View):
    """One event with the function that it calls, by name or ARN."""

    def __init__(self, key: Scalar, node: Node, appspec: TrafficAppspec) -> None:
        super().__init__(node, appspec.text)
        self.key = key
        self.appspec = appspec

    @property
    def name(self) -> str:
        return self.key.value


class TrafficAppspec(View):
    """A whole appspec for ECS or Lambda: `platform`, whose deployments have `events`."""

    platform = ""
    events: tuple[str, ...] = ()

    @cached_property
    def properties(self) -> Node | None:
        """The `Properties` of the resource, None where there are none."""
        resources = value(self.node, "resources")
        first = resources.items[0] if isinstance(resources, Sequence) and resources.items else resources
        if isinstance(first, Mapping) and first.entries:
            return value(first.entries[0].value, "properties")
        return None

    @cached_property
    def hooks(self) -> tuple[TrafficHook, ...]:
        """The hooks in the order written; of a mapping, which CodeDeploy does not take, the schema's rules speak."""
        table = value(self.node, "hooks")
        items = table.items if isinstance(table, Sequence) else []
        return tuple(
            TrafficHook(each.key, each.value, self)
            for item in items
            if isinstance(item, Mapping)
            for each in item.entries
            if isinstance(each.key, Scalar)
        )

    @property
    def place(self) -> Span:
        """Where a finding about the whole file is shown: its first key."""
        node = self.node
        return node.entries[0].key.span if isinstance(node, Mapping) and node.entries else node.span

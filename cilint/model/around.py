"""What stands around a pipeline: EventBridge patterns and notification rules, of a template or a file of their own.

Buckets, repositories and topics are resources of a template like others; the checks read them from there.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
https://docs.aws.amazon.com/codestar-notifications/latest/APIReference/API_CreateNotificationRule.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.model.intrinsics import alternatives, intrinsic, is_intrinsic, listed
from cilint.model.template import Resource
from cilint.model.unit import Unit
from cilint.model.view import View
from cilint.source.nodes import Document, Entry, Mapping, Node, Scalar
from cilint.source.text import Text

NOTIFICATION_RULE: Final = "AWS::CodeStarNotifications::NotificationRule"
_SAM_EVENTS: Final = ("EventBridgeRule", "CloudWatchEvent")


class EventPattern(View):
    """A pattern of events. `resource` is what it stands in, None outside templates."""

    def __init__(self, node: Mapping, text: Text, resource: Resource | None = None) -> None:
        super().__init__(node, text)
        self.resource = resource

    def words(self, key: str) -> tuple[Scalar, ...]:
        """The plain texts listed under a key; a value of the pattern language (`prefix`, ...) is none."""
        return plain_words(self.get(key))

    def exact(self, key: str) -> bool:
        """Whether the list under a key is there, and holds plain texts only."""
        found = list(listed(self.get(key)))
        return bool(found) and len(found) == len(self.words(key))

    @property
    def detail(self) -> tuple[Entry, ...]:
        """The fields that the pattern asks of `detail`; those of the pattern language left out."""
        node = self.get("detail")
        if not isinstance(node, Mapping) or intrinsic(node) is not None:
            return ()
        return tuple(entry for entry in node.entries if not entry.name.startswith(("$", "Fn::")))


class NotificationRule(View):
    """A notification rule of the developer tools. `resource` is None outside templates."""

    def __init__(self, node: Mapping, text: Text, resource: Resource | None = None) -> None:
        super().__init__(node, text)
        self.resource = resource

    @property
    def event_ids(self) -> tuple[Scalar, ...]:
        return plain_words(self.get("EventTypeIds"))


def plain_words(node: Node | None) -> tuple[Scalar, ...]:
    """The texts of a list that the file tells from end to end."""
    found = (each.node for each in listed(node))
    return tuple(
        each for each in found if isinstance(each, Scalar) and not is_intrinsic(each) and "${" not in each.value
    )


SUBJECTS: Final = {"EventPattern": lambda view: (view,)}
NOTIFICATION_SUBJECTS: Final = {"NotificationRule": lambda view: (view,)}


def of_resource(resource: Resource) -> Iterator[Unit]:
    """The event patterns or the notification rule in a resource of a template."""
    if resource.type == NOTIFICATION_RULE:
        if resource.properties is not None:
            rule = NotificationRule(resource.properties, resource.text, resource)
            yield Unit("notification-rule", rule, unknown=is_intrinsic)
        return
    for node in _patterns(resource):
        for choice in alternatives(node):
            if isinstance(choice.node, Mapping) and intrinsic(choice.node) is None:
                yield Unit("event-pattern", EventPattern(choice.node, resource.text, resource), unknown=is_intrinsic)


def _patterns(resource: Resource) -> Iterator[Node]:
    if resource.type == "AWS::Events::Rule":
        pattern = resource.property("EventPattern")
        if pattern is not None:
            yield pattern
        return
    events = resource.property("Events")
    for entry in events.entries if isinstance(events, Mapping) else ():
        event = entry.value
        kind = event.get("Type") if isinstance(event, Mapping) else None
        if isinstance(event, Mapping) and isinstance(kind, Scalar) and kind.value in _SAM_EVENTS:
            properties = event.get("Properties")
            pattern = properties.get("Pattern") if isinstance(properties, Mapping) else None
            if pattern is not None:
                yield pattern


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """The pattern of a file of its own (`put-rule --event-pattern file://...`)."""
    root = document.root
    if not isinstance(root, Mapping):
        return []
    return [Unit("event-pattern", EventPattern(root, document.text), fragment=fragment)]

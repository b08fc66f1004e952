"""A file that holds a notification rule alone, as `create-notification-rule --cli-input-json` takes it."""

from __future__ import annotations

from cilint.model.around import NOTIFICATION_SUBJECTS, NotificationRule
from cilint.model.unit import Unit
from cilint.source.nodes import Document, Mapping

SUBJECTS = NOTIFICATION_SUBJECTS


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """The rule of the file."""
    root = document.root
    if not isinstance(root, Mapping):
        return []
    return [Unit("notification-rule", NotificationRule(root, document.text), fragment=fragment)]

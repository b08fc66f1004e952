"""An appspec for ECS: what it has of its own; what it shares with its sibling is in `appspec_traffic`."""

from __future__ import annotations

from typing import Final

from cilint.model.appspec_traffic import ECS_EVENTS, TrafficAppspec
from cilint.model.unit import Unit
from cilint.source.nodes import Document


class AppspecECS(TrafficAppspec):
    """A whole appspec for ECS."""

    platform = "ECS"
    events = ECS_EVENTS


SUBJECTS: Final = {
    "AppspecECS": lambda view: (view,),
    "TrafficAppspec": lambda view: (view,),
    "TrafficHook": lambda view: view.hooks,
}


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """An appspec is one unit."""
    return [Unit("appspec-ecs", AppspecECS(root, document.text), fragment=fragment) for root in document.roots[:1]]

"""An appspec for Lambda: what it has of its own; what it shares with its sibling is in `appspec_traffic`."""

from __future__ import annotations

from typing import Final

from cilint.model.appspec_traffic import LAMBDA_EVENTS, TrafficAppspec
from cilint.model.unit import Unit
from cilint.source.nodes import Document


class AppspecLambda(TrafficAppspec):
    """A whole appspec for Lambda."""

    platform = "Lambda"
    events = LAMBDA_EVENTS


SUBJECTS: Final = {
    "AppspecLambda": lambda view: (view,),
    "TrafficAppspec": lambda view: (view,),
    "TrafficHook": lambda view: view.hooks,
}


def units(document: Document, path: str, fragment: bool) -> list[Unit]:
    """An appspec is one unit."""
    return [
        Unit("appspec-lambda", AppspecLambda(root, document.text), fragment=fragment) for root in document.roots[:1]
    ]

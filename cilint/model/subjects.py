"""What a check's first parameter may ask for: per kind, the structures that its view offers, by type name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cilint.model.buildspec import Buildspec
from cilint.model.policy import Policy
from cilint.model.unit import Unit
from cilint.model.view import View
from cilint.source.nodes import Document

Subjects = dict[str, Callable[[Any], Iterable[View]]]

SUBJECTS: dict[str, Subjects] = {
    "buildspec": {
        "Buildspec": lambda view: (view,),
        "Phase": lambda view: view.phases,
        "Command": lambda view: view.commands,
    },
    "iam-policy": {
        "Policy": lambda view: (view,),
        "Statement": lambda view: view.statements,
    },
}


def units(document: Document, kind: str, fragment: bool) -> list[Unit]:
    """The units of a file of a known kind: its own, and what lies embedded in it."""
    root = document.root
    if root is None:
        return []
    match kind:
        case "buildspec":
            return [Unit(kind, Buildspec(root, document.text), fragment=fragment)]
        case "iam-policy":
            return [Unit(kind, Policy(root, document.text), fragment=fragment)]
    return []

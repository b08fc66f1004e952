"""One document of one kind, wherever it lies: a whole file, or a part of one that holds another language."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cilint.model.view import View
from cilint.source.text import Span


class Unit(NamedTuple):
    """What the rules of `kind` are run on.

    `outward` gives the place in the file of a span in the unit's own text; None where the two are the same.
    `fragment` marks what was recognised with low confidence: nothing beyond notes is said about it.
    """

    kind: str
    view: View
    outward: Callable[[Span], Span] | None = None
    fragment: bool = False

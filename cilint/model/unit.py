"""One document of one kind, wherever it lies: a whole file, or a part of one that holds another language."""

from __future__ import annotations

from collections.abc import Callable

from cilint.core.rewrite import LiteralBlock
from cilint.model.view import View
from cilint.source.nodes import Node, Problem
from cilint.source.record import NamedTuple
from cilint.source.text import Span


class Unit(NamedTuple):
    """What the rules of `kind` are run on.

    `outward` gives the place in the file of a span in the unit's own text; None where the two are the same. `verbatim`
    gives it only where the file has the same characters there: what a fix may edit. `block` is there
    where that is a literal block.
    `fragment` marks what was recognised with low confidence: nothing beyond notes is said about it.
    `unknown` tells the nodes whose values only a stack knows; None where the kind has no such thing.
    `spelling` is the folder of `schemas/` for this way of writing the kind: `cloudformation/`, or none.
    `problems` is what the reader of an embedded text had to say.
    """

    kind: str
    view: View
    outward: Callable[[Span], Span] | None = None
    fragment: bool = False
    unknown: Callable[[Node], bool] | None = None
    spelling: str = ""
    problems: tuple[Problem, ...] = ()
    verbatim: Callable[[Span], Span | None] | None = None
    block: LiteralBlock | None = None

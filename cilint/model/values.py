"""The texts of a policy's values. What only the request, the stack or a template engine knows is a hole in them.

Nothing here judges; how texts with holes and wildcards are compared is known by `cilint.iam.patterns`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from cilint.model.intrinsics import symbolic
from cilint.source.nodes import Node, Scalar
from cilint.source.record import NamedTuple

HOLE: Final = "\x00"
"""Stands in a text for any run of characters, or none, that the document does not tell."""

_OPEN: Final = re.compile(
    r"\$\{[^{}]*\}|\{\{.*?\}\}|<%.*?%>|<[A-Za-z0-9_ .-]+>|\$\([^()]*\)|%[A-Z_]{3,}%|@@?[A-Z_]{3,}@@?"
)


class Value(NamedTuple):
    """One text of a list: its node, and the text with holes."""

    node: Node
    text: str

    @property
    def whole(self) -> bool:
        """Whether the text is known from end to end."""
        return HOLE not in self.text


def text_of(node: Node) -> str | None:
    """The text of a value with holes; None of what is no text."""
    if isinstance(node, Scalar) and node.tag is None:
        return holes(node.value)
    text = symbolic(node)
    return None if text is None else holes(text)


def holes(text: str) -> str:
    """The text with a hole for each `${variable}` and each mark of a template engine."""
    if "$" in text or "{" in text or "<" in text or "@" in text or "%" in text:
        return _OPEN.sub(HOLE, text)
    return text


def values(nodes: Iterable[Node]) -> tuple[Value, ...]:
    """The values of a list that have a text; the others are left out, so a caller that needs all counts them."""
    found = []
    for node in nodes:
        text = text_of(node)
        if text is not None:
            found.append(Value(node, text))
    return tuple(found)

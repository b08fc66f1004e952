"""The texts of a policy's values. What only the request, the stack or a template engine knows is a hole in them.

Nothing here judges; how texts with holes and wildcards are compared is known by `cilint.iam.patterns`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from cilint.source.nodes import Mapping, Node, Scalar, Sequence

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
    """The text of a value with holes; None of what is no text, or wholly unknown."""
    if isinstance(node, Scalar):
        if node.tag is None:
            return holes(node.value)
        if node.tag == "!Sub":
            return holes(node.value)
        return None
    if node.tag == "!Join":
        return _joined(node)
    if node.tag == "!Sub" and isinstance(node, Sequence) and node.items:
        return text_of(node.items[0])
    if isinstance(node, Mapping) and node.tag is None and len(node.entries) == 1:
        entry = node.entries[0]
        if entry.name == "Fn::Sub":
            first = entry.value.items[0] if isinstance(entry.value, Sequence) and entry.value.items else entry.value
            return text_of(first)
        if entry.name == "Fn::Join":
            return _joined(entry.value)
    return None


def _joined(node: Node) -> str | None:
    match node:
        case Sequence(items=[Scalar(value=delimiter), Sequence(items=items)]):
            return delimiter.join(HOLE if (text := text_of(item)) is None else text for item in items)
    return None


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

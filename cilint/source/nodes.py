"""The one tree for YAML and JSON: scalars, mappings and sequences that know their range in the text.

Values stay text here; `cilint.source.scalars` says what a plain scalar means to a consumer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text

PLAIN: Final = ""
SINGLE_QUOTED: Final = "'"
DOUBLE_QUOTED: Final = '"'
LITERAL: Final = "|"
FOLDED: Final = ">"
JSON_STRING: Final = "j"


class Node:
    """A value in a document. `start` and `end` are code points, a tag and an anchor before the value included.

    `tag` is the explicit tag as written after resolution of handles (`!Sub`, `tag:yaml.org,2002:str`) or None;
    an alias gives a node with the alias's own range and the content of what it names.
    """

    __slots__ = ("anchor", "end", "start", "tag")

    def __init__(self, start: int, end: int, tag: str | None = None, anchor: str | None = None) -> None:
        self.start = start
        self.end = end
        self.tag = tag
        self.anchor = anchor

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


class Scalar(Node):
    """A text with its style: one of PLAIN, SINGLE_QUOTED, DOUBLE_QUOTED, LITERAL, FOLDED, JSON_STRING.

    Numbers, booleans and null of JSON are PLAIN. `value` is the text after unquoting and folding.
    """

    __slots__ = ("is_alias", "style", "value")

    def __init__(
        self,
        start: int,
        end: int,
        value: str,
        style: str = PLAIN,
        tag: str | None = None,
        anchor: str | None = None,
        is_alias: bool = False,
    ) -> None:
        self.start = start
        self.end = end
        self.tag = tag
        self.anchor = anchor
        self.value = value
        self.style = style
        self.is_alias = is_alias

    def __repr__(self) -> str:
        return f"Scalar({self.start}:{self.end} {self.value!r})"

    @property
    def quoted(self) -> bool:
        """Whether the text is a string by its style, whatever it looks like."""
        return self.style != PLAIN

    @property
    def is_null(self) -> bool:
        return self.style == PLAIN and self.tag is None and self.value in ("", "~", "null", "Null", "NULL")


class Entry(NamedTuple):
    """A key with its value. `merged` entries came through a YAML merge key (`<<`)."""

    key: Node
    value: Node
    merged: bool = False

    @property
    def name(self) -> str:
        """The key's text; empty for a key that is no scalar."""
        return self.key.value if isinstance(self.key, Scalar) else ""


class Mapping(Node):
    """Keys and values in the order written, duplicates included; merged entries come last."""

    __slots__ = ("_index", "entries", "flow")

    def __init__(
        self,
        start: int,
        end: int,
        entries: list[Entry],
        flow: bool = False,
        tag: str | None = None,
        anchor: str | None = None,
    ) -> None:
        super().__init__(start, end, tag, anchor)
        self.entries = entries
        self.flow = flow
        self._index: dict[str, Entry] | None = None

    def __repr__(self) -> str:
        return f"Mapping({self.start}:{self.end} {[entry.name for entry in self.entries]})"

    def entry(self, name: str) -> Entry | None:
        """The entry that a consumer would use: the last written one of that name, before any merged one."""
        if self._index is None:
            index: dict[str, Entry] = {}
            for entry in self.entries:
                if not (entry.merged and entry.name in index) and isinstance(entry.key, Scalar):
                    index[entry.name] = entry
            self._index = index
        return self._index.get(name)

    def get(self, name: str) -> Node | None:
        """The value under `name`, or None."""
        entry = self.entry(name)
        return entry.value if entry else None

    def names(self) -> list[str]:
        """The names of the scalar keys, each once."""
        self.entry("")
        return list(self._index or ())


class Sequence(Node):
    """Items in the order written."""

    __slots__ = ("flow", "items")

    def __init__(
        self,
        start: int,
        end: int,
        items: list[Node],
        flow: bool = False,
        tag: str | None = None,
        anchor: str | None = None,
    ) -> None:
        super().__init__(start, end, tag, anchor)
        self.items = items
        self.flow = flow

    def __repr__(self) -> str:
        return f"Sequence({self.start}:{self.end} {len(self.items)} items)"


class Problem(NamedTuple):
    """Something the reader itself has to say. `code` names a rule of the CI family (`syntax-error`, ...).

    `instead` is what to write in place of a range so that every reader understands what this one has made of it.
    """

    code: str
    span: Span
    message: str
    related: tuple[tuple[Span, str], ...] = ()
    instead: tuple[Span, str] | None = None


class Document(NamedTuple):
    """What a reader makes of a text: the documents that could be read, and what is wrong with the rest."""

    text: Text
    roots: tuple[Node, ...]
    problems: tuple[Problem, ...]
    format: str  # "yaml" or "json"

    @property
    def root(self) -> Node | None:
        return self.roots[0] if self.roots else None


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, keys before their values, without following merged entries twice."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Mapping):
            for entry in reversed(node.entries):
                if not entry.merged:
                    stack.append(entry.value)
                    stack.append(entry.key)
        elif isinstance(node, Sequence):
            stack.extend(reversed(node.items))

"""YAML into nodes: PyYAML's event stream (libyaml where it is built in) composed with exact positions.

Scanning is left to PyYAML. What is ours: duplicate keys seen, merge keys kept apart, aliases with their own place,
limits on depth and expansion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from cilint.source.nodes import FOLDED, LITERAL, PLAIN, Document, Entry, Mapping, Node, Problem, Scalar, Sequence, walk
from cilint.source.pattern import lazy
from cilint.source.text import Span, Text

try:
    from yaml._yaml import CParser as _Parser
except ImportError:  # a platform without libyaml: same events, slower
    from yaml import Loader as _Parser  # type: ignore[assignment]

MAX_DEPTH = 200
MAX_EXPANDED_NODES = 500_000
UNPRINTABLE = lazy("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MERGE = "<<"
_BOM = "\ufeff"


class _LimitExceeded(Exception):
    def __init__(self, span: Span, message: str) -> None:
        super().__init__(message)
        self.span = span
        self.message = message


def parse_yaml(text: Text) -> Document:
    """Read all documents of a stream. Never raises: what cannot be read is a problem with its place."""
    if text.content.startswith(_BOM):
        return _parse_after_boms(text)
    composer = _Composer(text)
    content = text.content
    unprintable = None if content.isascii() and content.isprintable() else UNPRINTABLE.search(content)
    if unprintable:
        composer.problems.append(_unprintable(unprintable))
        content = UNPRINTABLE.sub(" ", content)
    try:
        composer.compose(_Parser(content))
    except yaml.MarkedYAMLError as error:
        composer.problems.append(_syntax_error(error, text))
    except yaml.YAMLError as error:
        composer.problems.append(Problem("syntax-error", Span(0, 0), f"this is not YAML: {error}"))
    except _LimitExceeded as error:
        composer.problems.append(Problem("too-complex", error.span, error.message))
    return Document(text, tuple(composer.roots), tuple(composer.problems), "yaml")


def _parse_after_boms(text: Text) -> Document:
    """Read a text that starts with a second byte order mark, which libyaml skips without counting it."""
    content = text.content.lstrip(_BOM)
    by = len(text.content) - len(content)
    document = parse_yaml(Text(content))
    for node in {id(node): node for root in document.roots for node in walk(root)}.values():
        node.start += by
        node.end += by
    problems = tuple(
        each._replace(
            span=_moved(each.span, by), related=tuple((_moved(place, by), phrase) for place, phrase in each.related)
        )
        for each in document.problems
    )
    return Document(text, document.roots, problems, "yaml")


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def _unprintable(match: re.Match[str]) -> Problem:
    return Problem(
        "syntax-error",
        Span(*match.span()),
        f"the control character U+{ord(match[0]):04X} is not allowed in YAML; remove it",
    )


def _syntax_error(error: yaml.MarkedYAMLError, text: Text) -> Problem:
    from cilint.source.advice import explain  # only for a text with an error

    return explain(error, text.content, _tokens)


def _tokens(content: str) -> Iterator[Any]:
    """The tokens of a text; raises what the scanner raises."""
    scanner = _Parser(content)
    while scanner.check_token():
        yield scanner.get_token()


class _Open:
    """A collection whose end has not been seen."""

    __slots__ = ("children", "event", "flow", "size")

    def __init__(self, event: Any) -> None:
        self.event = event
        self.flow: bool = bool(event.flow_style)
        self.children: list[Node] = []
        self.size = 1


class _Composer:
    """Events in, roots and problems out; one pass, no recursion."""

    def __init__(self, text: Text) -> None:
        self.content = text.content
        self.roots: list[Node] = []
        self.problems: list[Problem] = []
        self.anchors: dict[str, tuple[Node | None, int]] = {}
        self.stack: list[_Open] = []
        self.expanded = 0

    def compose(self, parser: Any) -> None:
        get_event = parser.get_event
        while True:
            event = get_event()
            kind = event.__class__
            if kind is ScalarEvent:
                self.add(self.scalar(event), event.anchor, 1)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self.open(event)
            elif kind is MappingEndEvent:
                opened = self.stack.pop()
                self.add(self.mapping(opened, event), opened.event.anchor, opened.size)
            elif kind is SequenceEndEvent:
                opened = self.stack.pop()
                self.add(self.sequence(opened, event), opened.event.anchor, opened.size)
            elif kind is AliasEvent:
                self.alias(event)
            elif kind is DocumentEndEvent:
                self.anchors.clear()
            elif kind is StreamEndEvent:
                return

    def open(self, event: Any) -> None:
        if len(self.stack) >= MAX_DEPTH:
            at = event.start_mark.index
            raise _LimitExceeded(Span(at, at + 1), f"nested deeper than {MAX_DEPTH} levels; the file is not checked")
        if event.anchor:
            self.anchors[event.anchor] = (None, 0)
        self.stack.append(_Open(event))

    def add(self, node: Node, anchor: str | None, size: int) -> None:
        if anchor:
            self.anchors[anchor] = (node, size)
        if self.stack:
            opened = self.stack[-1]
            opened.children.append(node)
            opened.size += size
        else:
            self.roots.append(node)

    def scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        style = event.style or PLAIN
        if style in (LITERAL, FOLDED):
            # Only blanks of YAML: a no-break space at the end of a block scalar is part of its text.
            end = start + len(self.content[start:end].rstrip(" \t\r\n\x85\u2028\u2029"))
        return Scalar(start, end, event.value, style, event.tag, event.anchor)

    def mapping(self, opened: _Open, event: Any) -> Mapping:
        children = opened.children
        entries = [Entry(children[i], children[i + 1]) for i in range(0, len(children) - 1, 2)]
        self.report_duplicates(entries)
        start = opened.event.start_mark.index
        end = event.end_mark.index if opened.flow else self.block_end(opened, start)
        entries.extend(self.merged(entries))
        return Mapping(start, end, entries, opened.flow, opened.event.tag, opened.event.anchor)

    def sequence(self, opened: _Open, event: Any) -> Sequence:
        start = opened.event.start_mark.index
        end = event.end_mark.index if opened.flow else self.block_end(opened, start)
        return Sequence(start, end, opened.children, opened.flow, opened.event.tag, opened.event.anchor)

    def block_end(self, opened: _Open, start: int) -> int:
        """A block ends with its last child; libyaml's own mark is at the next token."""
        return max((child.end for child in opened.children[-2:]), default=start)

    def report_duplicates(self, entries: list[Entry]) -> None:
        seen: set[str] = set()
        for key, _value, _merged in entries:
            if isinstance(key, Scalar) and key.value != _MERGE:
                if key.value in seen:
                    from cilint.source.advice import repeated  # only for a mapping with such a key

                    self.problems.extend(repeated(entries, but=_MERGE))
                    return
                seen.add(key.value)

    def merged(self, entries: list[Entry]) -> list[Entry]:
        found: list[Entry] = []
        for key, value, _merged in entries:
            if isinstance(key, Scalar) and key.value == _MERGE and not key.quoted:
                sources = value.items if isinstance(value, Sequence) else [value]
                for source in sources:
                    if isinstance(source, Mapping):
                        found.extend(Entry(entry.key, entry.value, True) for entry in source.entries)
        return found

    def alias(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        target, size = self.anchors.get(event.anchor, (None, -1))
        if target is None:
            what = "refers to the collection that it stands in" if size == 0 else "has no anchor before it"
            self.problems.append(
                Problem("syntax-error", Span(start, end), f"the alias *{event.anchor} {what}; quote it if * is meant")
            )
            self.add(Scalar(start, end, "", PLAIN, is_alias=True), None, 1)
            return
        self.expanded += size
        if self.expanded > MAX_EXPANDED_NODES:
            raise _LimitExceeded(
                Span(start, end), f"aliases expand to more than {MAX_EXPANDED_NODES} nodes; the file is not checked"
            )
        self.add(_aliased(target, start, end), None, size)


def _aliased(target: Node, start: int, end: int) -> Node:
    match target:
        case Mapping():
            return Mapping(start, end, target.entries, target.flow, target.tag)
        case Sequence():
            return Sequence(start, end, target.items, target.flow, target.tag)
        case Scalar():
            return Scalar(start, end, target.value, target.style, target.tag, is_alias=True)
    raise AssertionError(f"unknown node {target!r}")

"""YAML into nodes: PyYAML's event stream (libyaml where it is built in) composed with exact positions.

Scanning is left to PyYAML. What is ours: duplicate keys seen, merge keys kept apart, aliases with their own place,
limits on depth and expansion.
"""

from __future__ import annotations

import re
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
_SECOND_KEY = lazy(r"[\w.-]+:(?:[ \t]|$)", re.MULTILINE)
_MERGE = "<<"
_BOM = "\ufeff"

_ADVICE = (
    (
        "found character that cannot start any token",
        "quote the value (a plain scalar cannot start with @, ` or %), and indent with blanks, not tabs",
    ),
    (
        "found a tab character",
        "indent with blanks, not tabs",
    ),
    (
        "mapping values are not allowed",
        "quote the text if it holds a colon followed by a blank, or check the indentation of this line",
    ),
    (
        "could not find expected ':'",
        "check the lines above: a text over several lines must be indented below its key or list item",
    ),
    (
        "did not find expected key",
        "check the indentation here: the line does not line up with the block it belongs to",
    ),
    (
        "did not find expected '-' indicator",
        "check the indentation here: this line does not line up with the list above it",
    ),
    (
        "found unknown escape character",
        "use single quotes, where a backslash is an ordinary character",
    ),
    (
        "did not find expected alphabetic or numeric character",
        "quote the value: * starts an alias and & an anchor in YAML",
    ),
    (
        "found undefined alias",
        "quote the value if * is meant literally, or define the anchor before it",
    ),
    (
        "did not find expected <document start>",
        "remove what stands before the document, or start a second document with ---",
    ),
    (
        "did not find expected ',' or ']'",
        "close the list with ] or separate its items with a comma",
    ),
    (
        "did not find expected ',' or '}'",
        "close the mapping with } or separate its entries with a comma",
    ),
    (
        "found unexpected end of stream",
        "close the quote",
    ),
)


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
    mark = error.problem_mark or error.context_mark
    at = min(mark.index, len(text.content)) if mark else 0
    # An error at the very end of the text is shown at its last character, where there is something to see.
    at = min(at, max(len(text.content.rstrip()) - 1, 0))
    problem = (error.problem or "the document cannot be read").strip()
    advice = next((advice for start, advice in _ADVICE if problem.startswith(start)), "")
    before = text.content[text.content.rfind("\n", 0, at) + 1 : at]
    if problem.startswith("did not find expected key") and before.strip() and _SECOND_KEY.match(text.content, at):
        advice = "a second key stands on the same line; put it on a line of its own"
    related: tuple[tuple[Span, str], ...] = ()
    context = error.context_mark
    if error.context and context and context is not mark and context.index < at:
        related = ((Span(context.index, context.index + 1), error.context.strip()),)
    return Problem("syntax-error", Span(at, at + 1), f"{problem}{': ' + advice if advice else ''}", related)


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
        seen: dict[str, Node] = {}
        for key, _value, _merged in entries:
            if isinstance(key, Scalar) and key.value != _MERGE:
                first = seen.setdefault(key.value, key)
                if first is not key:
                    self.problems.append(duplicate_key(first, key))

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


def duplicate_key(first: Node, second: Node) -> Problem:
    """The problem that a key occurs twice in one mapping; readers keep the last and drop the first in silence."""
    name = second.value if isinstance(second, Scalar) else "?"
    return Problem(
        "duplicate-key",
        second.span,
        f"the key {name!r} occurs twice in this mapping and only the last one counts; merge the two or remove one",
        ((first.span, "first here"),),
    )

"""The comments of a document: what YAML and JSON readers pass over. What a comment asks for is for others to read."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from cilint.source.maps import value_start
from cilint.source.nodes import Document, Scalar, walk
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text

_YAML = lazy(r"#[^\r\n\x85\u2028\u2029]*")
_JSON = lazy(r"//[^\r\n]*|#[^\r\n]*|/\*.*?\*/", re.DOTALL)
_COMMENTS = {"yaml": _YAML, "json": _JSON}
# A mark is looked for first: text such as arn:aws:s3:::bucket/* would send the whole pattern to the end of the file.
_MARKS = {"yaml": re.compile("#"), "json": re.compile(r"#|//|/\*")}
# What stands for sure outside of all values, even where reading stopped: comments and blanks before anything else.
_YAML_OPENING = lazy(r"(?:\s+|#[^\r\n\x85\u2028\u2029]*|---(?=\s))*")
_JSON_OPENING = lazy(r"(?:\s+|//[^\r\n]*|#[^\r\n]*|/\*.*?\*/)*", re.DOTALL)
_OPENINGS = {"yaml": _YAML_OPENING, "json": _JSON_OPENING}


class Comment(NamedTuple):
    """A comment with its mark in `span`; `text` is what it says, without mark and surrounding blanks."""

    span: Span
    text: str
    own_line: bool


def comments(text: Text, document: Document, containing: str = "") -> tuple[Comment, ...]:
    """The comments in the order written; only those with `containing` in them, which is cheap where none has it.

    A comment's mark inside a scalar is text. Where a document cannot be read, its comments cannot be told from its
    text: of those only the ones before its first value are given.
    """
    content = text.content
    if containing not in content or not ("#" in content or document.format == "json"):
        return ()
    return tuple(
        _comment(content, start, end)
        for start, end in _spans(document, _taken(content, document))
        if content.find(containing, start, end) >= 0
    )


def _comment(content: str, start: int, end: int) -> Comment:
    written = content[start:end]
    said = written[2:-2] if written.startswith("/*") else written.lstrip("#" if written[0] == "#" else "/")
    at = start - 1
    while at >= 0 and content[at] in " \t":
        at -= 1
    return Comment(Span(start, end), said.strip(), at < 0 or content[at] in "\r\n\x85\u2028\u2029")


def _taken(content: str, document: Document) -> list[tuple[int, int]]:
    """The ranges of all scalars in order: where a comment's mark is no mark."""
    scalars: set[tuple[int, int]] = set()
    for root in document.roots:
        scalars.update(
            (value_start(content, node), node.end)
            for node in walk(root)
            if isinstance(node, Scalar) and node.end > node.start
        )
    return sorted(scalars)


def _spans(document: Document, taken: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The ranges of comments between the ranges taken."""
    content = document.text.content
    mark, whole = _MARKS[document.format], _COMMENTS[document.format]
    limit = _readable_end(document)
    at = 0
    while found := mark.search(content, at, limit):
        before = bisect_right(taken, found.start(), key=_start) - 1
        if before >= 0 and found.start() < taken[before][1]:
            at = taken[before][1]
        elif comment := whole.match(content, found.start(), limit):
            yield comment.span()
            at = comment.end()
        else:
            at = found.end()


def _start(span: tuple[int, int]) -> int:
    return span[0]


def _readable_end(document: Document) -> int:
    """Where the part of the text ends whose values are known."""
    content = document.text.content
    if all(problem.code == "duplicate-key" for problem in document.problems):
        return len(content)
    if document.format == "json" and document.roots:
        return len(content)
    end = document.roots[-1].end if document.roots else 0
    opening = _OPENINGS[document.format].match(content, end)
    return opening.end() if opening else end

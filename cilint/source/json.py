"""JSON into the same nodes as YAML, with exact spans, reading on after the mistakes that people make.

What is not here: the choice between JSON and YAML (`cilint.source.read`), and what a number means (`scalars`).
"""

from __future__ import annotations

import re
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import Final

from cilint.source.nodes import JSON_STRING, Document, Entry, Mapping, Node, Problem, Scalar, Sequence
from cilint.source.pattern import lazy
from cilint.source.text import Span, Text
from cilint.source.yaml import MAX_DEPTH

_BLANK = lazy(r"[ \t\n\r]*")
_SIMPLE_STRING = lazy(r'"[^"\\\x00-\x1f]*"')
_LITERAL = lazy(r"(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null)(?![\w.+$-])")
_COMMENT = lazy(r"//[^\r\n]*|#[^\r\n]*|/\*.*?\*/", re.DOTALL)
_STRANGE_BLANK = lazy(r"[^\S \t\n\r]+|[\ufeff\u200b]+")
_CONTROL = lazy(r"[\x00-\x1f]")
_LONE_SURROGATE = lazy("[\ud800-\udfff]")
_SINGLE_QUOTED = lazy(r"'(?:[^'\\\r\n]|\\.)*'?")
_PLACEHOLDER = lazy(
    r"\$\{[^}\r\n]*\}?|\$\([^)\r\n]*\)?|\{\{[^\r\n]*?(?:\}\}|$)|<[^>\r\n]*>?|%[^%\s]*%|\$\w+", re.MULTILINE
)
_WORD = lazy(r"[^\s,:{}\[\]\"']+")
_MERGE_CONFLICT = lazy(r"(?:<{7}|={7}|>{7})[^\r\n]*")
_VALUE: Final = "a value"
_KEY: Final = "a key in double quotes"
_VALUE_START: Final = frozenset('"{[-0123456789tfn')
_TOKEN_START: Final = _VALUE_START | frozenset("}],:")

_WORDS = {
    "True": "write true",
    "TRUE": "write true",
    "False": "write false",
    "FALSE": "write false",
    "None": "write null",
    "NULL": "write null",
    "Null": "write null",
    "nil": "write null",
    "undefined": "write null, or leave the key out",
    "NaN": "JSON has no such number; write null or a string",
    "Infinity": "JSON has no such number; write null or a string",
    "-Infinity": "JSON has no such number; write null or a string",
}


class _Unreadable(Exception):
    """Reading cannot go on; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def parse_json(text: Text) -> Document:
    """Read one JSON document. Never raises.

    Comments, a trailing or missing comma, duplicate keys and control characters in a string are reported and read
    over. Anything else that is not JSON is reported once and leaves the document without a root.
    """
    reader = _Reader(text.content)
    roots: tuple[Node, ...] = ()
    try:
        roots = (reader.document(),)
    except _Unreadable as error:
        reader.problems.append(error.problem)
    reader.problems.sort(key=lambda problem: problem.span)
    return Document(text, roots, tuple(reader.problems), "json")


class _Reader:
    """One pass over the text. Each method takes the offset at which its part starts; `at` is where it ended."""

    __slots__ = ("at", "content", "depth", "problems")

    def __init__(self, content: str) -> None:
        self.content = content
        self.at = 0
        self.depth = 0
        self.problems: list[Problem] = []

    def document(self) -> Node:
        start = self.significant(0)
        if start == len(self.content):
            raise _unreadable(0, 0, "the file is empty; JSON needs one value, mostly an object in braces")
        root = self.value(start)
        after = self.significant(self.at)
        if after < len(self.content):
            raise _unreadable(after, after + 1, _surplus(self.content[after]))
        return root

    def value(self, start: int) -> Node:
        content = self.content
        char = content[start : start + 1]
        if char == '"':
            return self.string(start)
        if char == "{" and content[start + 1 : start + 2] != "{":
            return self.mapping(start)
        if char == "[":
            return self.sequence(start)
        literal = _LITERAL.match(content, start)
        if literal is None:
            raise self.refused(start, _VALUE)
        self.at = literal.end()
        return Scalar(start, self.at, literal[0])

    def string(self, start: int) -> Scalar:
        simple = _SIMPLE_STRING.match(self.content, start)
        if simple is not None:
            self.at = simple.end()
            return Scalar(start, self.at, simple[0][1:-1], JSON_STRING)
        try:
            value, end = scanstring(self.content, start + 1, False)
        except JSONDecodeError as error:
            raise self.refused_string(start, error) from None
        self.report_control_characters(start, end)
        self.at = end
        return Scalar(start, end, _LONE_SURROGATE.sub("\ufffd", value), JSON_STRING)

    def mapping(self, start: int) -> Mapping:
        self.enter(start)
        entries: list[Entry] = []
        seen: set[str] = set()
        at = self.significant(start + 1)
        while self.content[at : at + 1] != "}":
            key = self.key(at)
            seen.add(key.value)
            colon = self.significant(self.at)
            if self.content[colon : colon + 1] != ":":
                raise _unreadable(
                    key.start, key.end, f"the key {key.value!r} has no value; write a colon and the value after it"
                )
            entries.append(Entry(key, self.value(self.significant(colon + 1))))
            at = self.next_member(start, "}")
        self.leave(at)
        if len(seen) < len(entries):
            from cilint.source.advice import repeated  # only for an object with such a key

            self.problems.extend(repeated(entries))
        return Mapping(start, self.at, entries, flow=True)

    def sequence(self, start: int) -> Sequence:
        self.enter(start)
        items: list[Node] = []
        at = self.significant(start + 1)
        while self.content[at : at + 1] != "]":
            items.append(self.value(at))
            at = self.next_member(start, "]")
        self.leave(at)
        return Sequence(start, self.at, items, flow=True)

    def key(self, start: int) -> Scalar:
        if self.content[start : start + 1] != '"':
            raise self.refused(start, _KEY)
        return self.string(start)

    def next_member(self, opened: int, close: str) -> int:
        """Where the next member or the closing bracket stands, the comma between read."""
        end = self.at
        at = self.significant(end)
        char = self.content[at : at + 1]
        if char == ",":
            following = self.significant(at + 1)
            if self.content[following : following + 1] == close:
                self.report(at, at + 1, f"a comma before {close} is not allowed in JSON; remove it", "")
            return following
        if char == close:
            return at
        if not char:
            kind = "object" if close == "}" else "array"
            raise _unreadable(opened, opened + 1, f"this {kind} is not closed; a {close} is missing")
        if char == '"' or (close == "]" and char in _VALUE_START):
            missing = "a comma is missing after this value; write one"
            self.report(end - 1, end, missing, ",", Span(end, end))
            return at
        if char in "]}":
            raise _unreadable(
                at, at + 1, f"found {char} where {close} closes what was opened; correct the bracket", opened
            )
        raise self.refused(at, f"a comma or {close}")

    def significant(self, at: int) -> int:
        """The offset of the next token at or after `at`; comments between are reported."""
        content = self.content
        if content[at : at + 1] in _TOKEN_START:
            return at
        while True:
            blank = _BLANK.match(content, at)
            at = blank.end() if blank else at
            if at >= len(content) or content[at] in _TOKEN_START:
                return at
            skipped = _COMMENT.match(content, at) or _STRANGE_BLANK.match(content, at)
            if skipped is None:
                return at
            self.report_skipped(skipped)
            at = skipped.end()

    def enter(self, start: int) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels; the file is not checked"
            raise _Unreadable(Problem("too-complex", Span(start, start + 1), message))

    def leave(self, close: int) -> None:
        self.depth -= 1
        self.at = close + 1

    def report(self, start: int, end: int, message: str, instead: str, around: Span | None = None) -> None:
        """A mistake that was read over; `instead` is right in its place, or in place of `around`."""
        span = Span(start, end)
        self.problems.append(Problem("syntax-error", span, message, instead=(around or span, instead)))

    def report_skipped(self, skipped: re.Match[str]) -> None:
        if skipped[0][0] in "/#":
            message = "comments are not allowed in JSON; remove it, or keep the file as YAML"
            self.report(*skipped.span(), message, *self.without(*skipped.span()))
        else:
            self.report(
                *skipped.span(),
                f"the character U+{ord(skipped[0][0]):04X} is no blank in JSON; replace it by an ordinary one",
                " ",
            )

    def without(self, start: int, end: int) -> tuple[str, Span]:
        """The text to write to be rid of a comment: nothing, and no trace of a line or of blanks before it."""
        content = self.content
        before, after = start, end
        while before > 0 and content[before - 1] in " \t":
            before -= 1
        while content[after : after + 1] in (" ", "\t"):
            after += 1
        if content[after : after + 1] not in ("\n", "\r", ""):
            return "", Span(start, after)
        if before > 0 and content[before - 1] not in "\r\n":
            return "", Span(before, end)
        after += 2 if content[after : after + 2] == "\r\n" else 1
        return "", Span(before, min(after, len(content)))

    def report_control_characters(self, start: int, end: int) -> None:
        for match in _CONTROL.finditer(self.content, start, end):
            if match[0] in "\r\n":
                raise _unreadable(
                    start, match.start(), 'the string is not closed on its line; close it with ", or write \\n'
                )
            escape = "\\t" if match[0] == "\t" else f"\\u{ord(match[0]):04x}"
            self.report(*match.span(), f"a control character is not allowed in a JSON string; write {escape}", escape)

    def refused_string(self, start: int, error: JSONDecodeError) -> _Unreadable:
        if "escape" in error.msg:
            # scanstring gives the offset of the backslash or of what follows it, as its version likes.
            at = error.pos if self.content[error.pos : error.pos + 1] == "\\" else error.pos - 1
            found = self.content[at : at + 2]
            return _unreadable(
                at, at + len(found), f"{found} is no escape in JSON; write \\\\ for a backslash, \\uXXXX in full"
            )
        end = start + len(self.content[start:].splitlines()[0])
        return _unreadable(start, end, 'the string is not closed; a " is missing')

    def refused(self, at: int, wanted: str) -> _Unreadable:
        """What to say of something that is not JSON, by what it looks like."""
        content = self.content
        if at >= len(content):
            end = len(content.rstrip())
            return _unreadable(end - 1, end, f"the file ends where {wanted} is expected")
        if content.startswith("/*", at):
            return _unreadable(
                at, at + 2, "this comment is not closed, and comments are not allowed in JSON; remove it"
            )
        if match := _MERGE_CONFLICT.match(content, at):
            return _unreadable(*match.span(), "a merge conflict was left here; resolve it and remove its markers")
        if match := _SINGLE_QUOTED.match(content, at):
            return _unreadable(
                *match.span(), f"found single quotes where {wanted} is expected; JSON knows only double quotes"
            )
        if match := _PLACEHOLDER.match(content, at):
            return _unreadable(
                *match.span(),
                f"the placeholder {match[0][:40]} is not JSON; put it in double quotes, or fill it in first",
            )
        match = _WORD.match(content, at)
        if match is None:
            return _unreadable(at, at + 1, f"found {content[at]} where {wanted} is expected")
        return _unreadable(
            *match.span(), f"found {match[0][:40]} where {wanted} is expected{_advice(match[0], wanted)}"
        )


def _unreadable(start: int, end: int, message: str, opened: int | None = None) -> _Unreadable:
    related = ((Span(opened, opened + 1), "opened here"),) if opened is not None else ()
    return _Unreadable(Problem("syntax-error", Span(start, end), message, related))


def _advice(word: str, wanted: str) -> str:
    if wanted == _KEY:
        return "; put it in double quotes"
    if wanted != _VALUE:
        return ""
    if word in _WORDS:
        return f"; {_WORDS[word]}"
    if word[0] in "+-.0123456789":
        return "; a JSON number has no plus, no leading zero, and digits on both sides of its point"
    return "; put it in double quotes" + (", or fill it in first" if word.isupper() and len(word) > 2 else "")


def _surplus(char: str) -> str:
    if char in "{[":
        return "a second value starts here; a JSON file holds one, so put them into an array or into two files"
    return "there is text after the end of the document; remove it, or look for a bracket that closes too early"

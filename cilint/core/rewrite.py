"""How a fix writes: a scalar with another value in its own style, an entry taken out. What a fix should change, and
whether that is safe, is for the checks to say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Final

from cilint.core.finding import Fix, Replacement, Safety
from cilint.core.nearest import unmistakable
from cilint.core.schema import Value, Violation
from cilint.source import scalars
from cilint.source.nodes import (
    DOUBLE_QUOTED,
    FOLDED,
    JSON_STRING,
    LITERAL,
    PLAIN,
    SINGLE_QUOTED,
    Entry,
    Mapping,
    Node,
    Scalar,
)
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text

_PLAIN: Final = lazy(r"[A-Za-z0-9_./][\w./@%+:-]*(?<!:)(?: [\w./@%+-]+)*\Z")
_MORE_LINES: Final = lazy(r"\n(?!\n|\Z)")
_LINE_REST: Final = lazy(r"[ \t]*:?[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r|\Z)")


def mended(violation: Violation, safety: Safety) -> Fix | None:
    """The fix that writes what a schema would not refuse, where it is certain what that is."""
    if violation.instead is None or not isinstance(violation.node, Scalar):
        return None
    edit = rewritten(violation.node, violation.instead)
    return edit and Fix(_title(violation.keyword, violation.node, violation.instead), safety, (edit,))


def _title(keyword: str, node: Scalar, value: Value) -> str:
    if keyword in ("additionalProperties", "propertyNames"):
        return f"Rename `{node.value}` to `{value}`"
    if value == node.value:
        return f"Put `{value}` in quotes"
    return f"Write `{literal(value)}`"


def renamed(entry: Entry, known: Iterable[str], among: Mapping, safety: Safety) -> Fix | None:
    """The fix of a misspelt key of `among`: the known name that it was certainly meant to be, where that is free."""
    right = unmistakable(entry.name, known)
    if right is None or right in among.names() or entry.merged or not isinstance(entry.key, Scalar):
        return None
    edit = rewritten(entry.key, right)
    return edit and Fix(f"Rename `{entry.name}` to `{right}`", safety, (edit,))


class LiteralBlock(NamedTuple):
    """A text written as a literal block: the text, the file's own, and what stands there before each line of it."""

    inner: str
    outer: str
    margin: str


_Verbatim = Callable[[Span], Span | None]


def in_other_text(fix: Fix, verbatim: _Verbatim, block: LiteralBlock | None = None) -> Fix | None:
    """The fix of a text inside another text, as edits of the outer one; None where its ranges or what it writes would
    be spelled differently there. In a literal block every character stands for itself."""
    edits = []
    for edit in fix.edits:
        if block is not None:
            found = _in_block(edit, verbatim, block)
        else:
            span = verbatim(edit.span)
            found = Replacement(span, edit.text) if span is not None and _same_everywhere(edit.text) else None
        if found is None:
            return None
        edits.append(found)
    return fix._replace(edits=tuple(edits))


def _in_block(edit: Replacement, verbatim: _Verbatim, block: LiteralBlock) -> Replacement | None:
    """An edit with the block's margin before each line that it writes."""
    (start, end), text = edit.span, edit.text
    from_line, to_line = _at_line_start(block, start), _at_line_start(block, end)
    whole = to_line and (text.endswith("\n") or (from_line and not text))
    low = _place(verbatim, block, start, before_margin=from_line)
    high = _place(verbatim, block, end, before_margin=whole)
    if low is None or high is None:
        return None
    written = _MORE_LINES.sub(f"\n{block.margin}", text)
    if text.endswith("\n") and not whole:
        written += block.margin
    if from_line and (written or not whole):
        written = block.margin + written
    return Replacement(Span(low, max(low, high)), written)


def _at_line_start(block: LiteralBlock, at: int) -> bool:
    return at == 0 or block.inner[at - 1] == "\n"


def _place(verbatim: _Verbatim, block: LiteralBlock, at: int, before_margin: bool) -> int | None:
    """Where in the file a place of the text is; at the start of a line before its margin or behind it."""
    if not _at_line_start(block, at):
        before = verbatim(Span(at - 1, at))
        return before and before.end
    if at < len(block.inner):
        behind = verbatim(Span(at, at + 1))
        if behind is None or not before_margin:
            return behind and behind.start
        return block.outer.rfind("\n", 0, behind.start) + 1
    last = verbatim(Span(at - 1, at)) if at else None
    return last and last.end


def _same_everywhere(text: str) -> bool:
    """Whether a text is written alike in every style of YAML and in JSON, between other text."""
    return all(char.isalnum() or char in " _-./@%+=*" for char in text)


def rewritten(scalar: Scalar, value: Value) -> Replacement | None:
    """`value` written where `scalar` stands: text keeps its quotes, a plain one gets some when it would be read as
    something else. None for an alias, a tagged or anchored scalar and a block."""
    if scalar.is_alias or scalar.tag or scalar.anchor or scalar.style in (LITERAL, FOLDED):
        return None
    if not isinstance(value, str):
        return Replacement(scalar.span, literal(value))
    if "\n" in value or "\r" in value:
        return None
    inside = Span(scalar.start + 1, scalar.end - 1)
    if scalar.style == SINGLE_QUOTED:
        return Replacement(inside, value.replace("'", "''"))
    if scalar.style in (DOUBLE_QUOTED, JSON_STRING):
        return Replacement(inside, json.dumps(value, ensure_ascii=False)[1:-1])
    # JSON's literals are plain and no text, so the text that takes their place is quoted, too.
    as_plain = scalars.kind(scalar) == "string" and stays_text(value)
    return Replacement(scalar.span, value if as_plain else quoted(value))


def with_first_entry(text: Text, mapping: Mapping, key: str, value: str) -> Replacement | None:
    """The edit that puts an entry before all others of a mapping, written as its first one is; None of an empty one."""
    if not mapping.entries or mapping.entries[0].merged:
        return None
    first = mapping.entries[0].key
    if not mapping.flow:
        indent = " " * (text.position(first.start).column - 1)
        return Replacement(Span(first.start, first.start), f"{key}: {quoted(value)}\n{indent}")
    gap = text.content[mapping.start + 1 : first.start]
    if gap.strip():
        return None
    name = quoted(key) if isinstance(first, Scalar) and first.quoted else key
    return Replacement(Span(first.start, first.start), f"{name}: {quoted(value)},{gap or ' '}")


def literal(value: Value) -> str:
    """A value as both YAML and JSON spell it without quotes."""
    return value if isinstance(value, str) else json.dumps(value)


def quoted(text: str) -> str:
    """A text of one line in quotes that YAML and JSON read alike."""
    return json.dumps(text, ensure_ascii=False)


def stays_text(text: str) -> bool:
    """Whether YAML reads `text` without quotes as just this text, wherever a value may stand."""
    return bool(_PLAIN.match(text)) and scalars.kind(Scalar(0, len(text), text, PLAIN)) == "string"


def changed(node: Node, old: str, new: str, title: str, safety: Safety) -> Fix | None:
    """The fix that writes `new` where a scalar says `old`; None where the node is none or says something else."""
    if not isinstance(node, Scalar) or node.value != old:
        return None
    edit = rewritten(node, new)
    return edit and Fix(title, safety, (edit,))


def _without_lines(text: Text, entry: Entry) -> Replacement | None:
    """The edit that takes an entry's lines out of a block; None where something else stands on them."""
    content = text.content
    if not _starts_line(text, entry):
        return None  # the first key of a list's item shares its line with the dash
    line_start = text.line_starts[text.position(entry.key.start).line - 1]
    end = max(entry.value.end, entry.key.end)
    rest = _LINE_REST.match(content, end)
    if content[end - 1] in "\r\n":  # a block ends behind its line break
        return Replacement(Span(line_start, end), "")
    return Replacement(Span(line_start, rest.end()), "") if rest else None


def moved_entry(text: Text, mapping: Mapping, entry: Entry, target: Mapping) -> tuple[Replacement, ...] | None:
    """The edits that move an entry of a block to the end of another block, its lines indented as they are there.

    None where the name is taken there, or where the entry or the other block shares lines with something else.
    """
    if target.flow or mapping.flow or entry.merged or len(mapping.entries) < 2 or entry.name in target.names():
        return None
    gone = _without_lines(text, entry)
    first, last = target.entries[0], target.entries[-1]
    if gone is None or last.merged or not _starts_line(text, first):
        return None
    column = text.position(entry.key.start).column - 1
    lines = _indented(text.content[gone.span.start : gone.span.end], column, text.position(first.key.start).column - 1)
    if lines is None:
        return None
    end = max(last.key.end, last.value.end)
    if text.content[end - 1] not in "\r\n":
        rest = _LINE_REST.match(text.content, end)
        if rest is None:
            return None
        end = rest.end()
    before = "" if text.content[end - 1] in "\r\n" else "\n"
    return gone, Replacement(Span(end, end), before + lines)


def _indented(lines: str, before: int, after: int) -> str | None:
    """Lines moved from one indentation to another; None where one of them stands further left and is no comment."""
    moved = []
    for line in lines.replace("\r\n", "\n").split("\n"):
        if line[:before].strip(" "):
            if not line.lstrip().startswith("#"):
                return None
            moved.append(" " * after + line.lstrip())
        else:
            moved.append(" " * after + line[before:] if line[before:] else "")
    text = "\n".join(moved)
    return text if text.endswith("\n") else text + "\n"


def _starts_line(text: Text, entry: Entry) -> bool:
    position = text.position(entry.key.start)
    return not text.content[entry.key.start - position.column + 1 : entry.key.start].strip(" ")

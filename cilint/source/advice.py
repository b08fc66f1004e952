"""What to say of a text that YAML refuses, by the lines around the error, and of a key that occurs twice.

Read only when there is something to say: a file without errors never imports this. Where the error lies is for the
readers to tell; what is here looks for the line that caused it and words the repair.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from yaml import YAMLError
from yaml.tokens import (
    BlockEntryToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    KeyToken,
    ScalarToken,
)

from cilint.source.nodes import Entry, Mapping, Node, Problem, Scalar, Sequence
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple
from cilint.source.text import Span

_NAME = lazy(r"([\"']?)([^\s\"'#,\[\]{}]{1,60}?)\1[ \t]*:(?=[ \t\r\n]|$)", re.MULTILINE)
_SECOND_NAME = lazy(r"([\"']?)([\w.-]+)\1:(?=[ \t\r\n]|$)", re.MULTILINE)
_SHORT = lazy(r"\S{1,60}")
_NO_BLANK = lazy(r"([A-Za-z][\w-]*):[^\s:/][^\s:]*")
_LEAD = lazy(r"[ \t]*(?:- +)*(?:[\w.-]+: +)?")
_HERE_DOCUMENT = lazy(r"<<-?\s*[\"'\\]?\w")
_DIRECTIVE = lazy(r"[ \t]*(\{%|\{\{-)")
_GLUED_DASH = lazy(r"-[A-Za-z][^\n]*")
_MERGE_CONFLICT = lazy(r"(?:<{7}|={7}|>{7})(?:[ \t\r\n]|$)")

_GENERAL: Final = (
    ("found character that cannot start any token", "quote the text"),
    ("mapping values are not allowed", "check the indentation of this line, or quote the text that holds a colon"),
    ("could not find expected ':'", "this is no key; check the indentation of the lines above"),
    ("did not find expected key", "this line does not line up with the keys above it; check its indentation"),
    ("did not find expected '-' indicator", "this line does not line up with the list above it; check its indentation"),
    ("found unknown directive name", "quote the text: % at the start of a line begins a directive in YAML"),
    ("found undefined alias", "quote the value if * is meant literally, or define the anchor before it"),
    ("did not find expected <document start>", "the document has ended above this line; check the indentation"),
    ("did not find expected ',' or ']'", "close the list with ] or separate its items with a comma"),
    ("did not find expected ',' or '}'", "close the mapping with } or separate its entries with a comma"),
)
_FLOW_STARTS: Final = (FlowMappingStartToken, FlowSequenceStartToken)
_FLOW_ENDS: Final = (FlowMappingEndToken, FlowSequenceEndToken)


class _Said(NamedTuple):
    """A message, and the other places that it speaks of; `place` where the error is better shown elsewhere."""

    message: str
    related: tuple[tuple[int, str], ...] = ()
    place: int | None = None


class _Mark(NamedTuple):
    """A dash or a key of a block; `name` is None for a dash."""

    start: int
    column: int
    name: str | None


class _Scene:
    """The text before an error: its dashes and keys, and the scalar or bracket that it follows."""

    def __init__(self, content: str, at: int, context: int | None, tokens: Iterator[Any]) -> None:
        self.content = content
        self.at = at
        self.context = context
        self.before = content[content.rfind("\n", 0, at) + 1 : at]
        self.column = len(self.before)
        self.marks: list[_Mark] = []
        self.last: Any = None
        self.bracket: int | None = None
        self._look(tokens)
        name = _NAME.match(content, at)
        self.name = name[2] if name else None
        self.is_dash = content[at : at + 1] == "-" and content[at + 1 : at + 2] in ("", " ", "\n", "\r", "\t")

    def _look(self, tokens: Iterator[Any]) -> None:
        depth, awaits_key = 0, False
        for token in tokens:
            mark = token.start_mark
            if isinstance(token, _FLOW_STARTS):
                self.bracket = self.bracket if depth else mark.index
                depth += 1
            elif isinstance(token, _FLOW_ENDS):
                depth -= 1
            elif isinstance(token, BlockEntryToken):
                self.marks.append(_Mark(mark.index, mark.column, None))
            elif isinstance(token, ScalarToken):
                self.last = token
                # The start of a command, of which its first colon made a key, is none that anybody meant.
                if awaits_key and not depth and _SHORT.fullmatch(token.value):
                    self.marks.append(_Mark(mark.index, mark.column, token.value))
            awaits_key = isinstance(token, KeyToken)

    @property
    def word(self) -> str:
        """What stands at the error, for a message."""
        return f"`{self.name}`" if self.name else "this dash" if self.is_dash else "this line"

    def line(self, at: int) -> int:
        return self.content.count("\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        end = self.content.find("\n", at)
        return end if end >= 0 else len(self.content)

    def starts_line(self) -> bool:
        return not self.before.strip()

    def holder(self, at: int) -> _Mark | None:
        """The dash or key whose value starts at `at`."""
        return next((mark for mark in reversed(self.marks) if mark.start < at), None)

    def value_start(self) -> int:
        """Where the value that the error stands in starts: after the last dash or key before it."""
        mark = self.marks[-1] if self.marks else None
        start = mark.start + len(mark.name or "-") if mark else 0
        rest = self.content[start : self.at]
        return start + len(rest) - len(rest.lstrip(" \t\r\n:\"'" if mark and mark.name else " \t\r\n"))

    def item_key(self, dash: _Mark) -> _Mark | None:
        """The key that follows a dash on its line."""
        after = self.marks.index(dash) + 1
        key = self.marks[after] if after < len(self.marks) else None
        return key if key and key.name and key.start < self.line_end(dash.start) else None

    def block(self, holder: _Mark | None) -> str:
        return f"`{holder.name}: |`" if holder and holder.name else "`- |`"


def explain(error: Any, content: str, scanner: Callable[[str], Iterator[Any]]) -> Problem:
    """The problem of a text that YAML refuses; `error` is the parser's, with its marks; `scanner` gives tokens."""
    mark = error.problem_mark or error.context_mark
    at = min(mark.index, len(content)) if mark else 0
    # An error at the very end of the text is shown at its last character, where there is something to see.
    at = min(at, max(len(content.rstrip()) - 1, 0))
    context = error.context_mark.index if error.context and error.context_mark else None
    problem = (error.problem or "the document cannot be read").strip()
    # An error inside a token leaves the tokens of its line untold, unless the text is cut where that token starts.
    inside = (error.context or "").startswith(("while scanning", "while parsing a quoted"))
    cut = context if inside and context is not None else at
    scene = _Scene(content, at, context, _tokens(scanner, content[:cut]))
    tell = next((tell for start, tell in _TELLERS if problem.startswith(start)), None)
    said = _of_any_text(scene) or (tell(scene) if tell else None) or _in_general(problem, scene)
    place = at if said.place is None else said.place
    related = tuple((Span(start, start + 1), phrase) for start, phrase in said.related if start < len(content))
    return Problem("syntax-error", Span(place, min(place + 1, len(content))), said.message, related)


def _tokens(scanner: Callable[[str], Iterator[Any]], text: str) -> Iterator[Any]:
    """The tokens of a text up to its first error."""
    try:
        yield from scanner(text)
    except YAMLError:
        return


def _in_general(problem: str, scene: _Scene) -> _Said:
    advice = next((advice for start, advice in _GENERAL if problem.startswith(start)), "")
    opened = problem.startswith("did not find expected ','") and scene.context is not None
    related = ((scene.context or 0, "opened here"),) if opened else ()
    return _Said(f"{problem}{': ' + advice if advice else ''}", related)


def _of_any_text(scene: _Scene) -> _Said | None:
    """What explains an error of any kind: a tab where the indentation is, or a merge conflict."""
    if scene.content[scene.at : scene.at + 1] == "\t" or "\t" in scene.before[: _indent(scene.before)]:
        begins = not scene.before.strip()
        return _Said("this line begins with a tab; indent with blanks" if begins else "write a blank for this tab")
    line = scene.content[scene.at - scene.column : scene.line_end(scene.at)]
    directive = _DIRECTIVE.match(line)
    if directive:
        return _Said(f"`{directive[1]}` is for a template engine; the file is YAML only once it has been filled in")
    for start in (scene.at - scene.column, scene.context):
        if start is not None and _MERGE_CONFLICT.match(scene.content, start):
            return _Said("a merge conflict was left here; resolve it and remove its markers", (), start)
    for start in (scene.at, scene.context):
        if start is not None and _GLUED_DASH.match(scene.content, start) and scene.marks:
            return _Said("a dash needs a blank after it to start a list item; write `- `", (), start)
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _strange_start(scene: _Scene) -> _Said:
    char = scene.content[scene.at : scene.at + 1]
    shown = "a backtick" if char == "`" else f"`{char}`"
    return _Said(f"a text cannot start with {shown} in YAML; put it in quotes")


def _colon(scene: _Scene) -> _Said | None:
    """A colon and a blank in a plain text: a second key on its line, a line too deep, or a text to quote."""
    line = scene.at - scene.column
    start = scene.value_start()
    name = _SECOND_NAME.match(scene.content, line + _indent(scene.before))
    holder = scene.marks[-1] if scene.marks else None
    if start >= line:
        return _colon_in_line(scene, start, holder)
    if holder is None:
        return _no_blank(scene, start)
    if scene.before.lstrip().startswith("- ") and holder.name is None:
        dash = line + _indent(scene.before)
        return _Said(_beside(dash - line, holder.column, "this dash", "the dash above"), ((holder.start, "the dash"),))
    first = start - scene.content.rfind("\n", 0, start) - 1
    if name and first == _indent(scene.before) and not scene.content[start - first : start].strip():
        return _no_blank(scene, start) or _no_key(scene, start)
    if name and holder.name and "\n" not in scene.content[start:line].strip():
        depth = line + _indent(scene.before)
        message = _beside(depth - line, holder.column, f"`{name[2]}`", f"`{holder.name}`")
        return _no_blank(scene, start) or _Said(message, ((holder.start, f"`{holder.name}` is here"),), depth)
    block = scene.block(holder)
    message = f"an unquoted text cannot hold a colon and a blank; write it as a block {block}, with its lines below"
    return _Said(message, ((start, "the text starts here"),))


def _no_key(scene: _Scene, start: int) -> _Said:
    """A line without a colon among keys."""
    assigned = re.compile(r"([\w-]+)=").match(scene.content, start)
    advice = f"write `{assigned[1]}: ` in place of `{assigned[0]}`" if assigned else "write it as `KEY: value`"
    return _Said(f"this line is no key with a value; {advice}", (), start)


def _no_blank(scene: _Scene, start: int) -> _Said | None:
    """`version:0.2` is a text, not a key with a value."""
    glued = _NO_BLANK.match(scene.content, start)
    if glued is None or glued.end() > scene.at:
        return None
    return _Said(f"`{glued[1]}` is no key without a blank after its colon; put one there", (), start)


def _colon_in_line(scene: _Scene, start: int, holder: _Mark | None) -> _Said:
    text = scene.content[start : scene.line_end(scene.at)].strip()
    second = re.search(r"[ \t]([A-Za-z][\w-]*)$", scene.content[start : scene.at])
    own_line = f", or `{second[1]}` on a line of its own" if second and holder and holder.name else ""
    return _Said(f"an unquoted text cannot hold `: `; {_quote(text, scene.block(holder))}{own_line}")


def _quote(text: str, block: str) -> str:
    """How to write a text of one line so that YAML takes all of it as it is."""
    if "'" not in text:
        return "put the whole of it in single quotes"
    if '"' not in text and "\\" not in text:
        return "put the whole of it in double quotes"
    return f"write it as a block {block}, the text on the next line"


def _beside(column: int, wanted: int, what: str, other: str) -> str:
    """`timeout` stands 2 columns right of `location`; put it in the same column."""
    by = abs(column - wanted)
    columns = "one column" if by == 1 else f"{by} columns"
    return f"{what} stands {columns} {'right' if column > wanted else 'left'} of {other}; put it in the same column"


def _no_colon(scene: _Scene) -> _Said | None:
    """A text where a key is expected; it starts at the context, the error is on a line below."""
    start = scene.context
    if start is None:
        return None
    column = start - scene.content.rfind("\n", 0, start) - 1
    text = scene.content[start : scene.line_end(start)].strip()
    before = [mark for mark in scene.marks if mark.start < start]
    holder = before[-1] if before else None
    out_of_block = _out_of_block(scene, start)
    if out_of_block:
        return out_of_block
    if holder and _HERE_DOCUMENT.search(scene.content[holder.start : scene.line_end(holder.start)]):
        message = f"the here-document is not part of its command; write it as a block {scene.block(holder)}"
        return _Said(f"{message} and indent all its lines", ((holder.start, "the command is here"),), start)
    glued = _no_blank(scene, start)
    if glued:
        return glued
    if holder and holder.name is None and holder.column == column:
        return _Said("this line is no list item; put `- ` before it", ((holder.start, "an item of the list"),), start)
    if _indent(scene.before) > column and scene.line(scene.at) > scene.line(start) and re.fullmatch(r"[\w-]+", text):
        return _Said(f"`{text}` is a key without its colon; write `{text}:`", (), start)
    if holder and holder.column >= column and not re.fullmatch(r"[\w-]+", text):
        message = f"this line is indented no deeper than {_called(holder)} above; indent it if it goes on with its text"
        return _Said(message, ((holder.start, f"{_called(holder)} is here"),), start)
    return None


def _out_of_block(scene: _Scene, start: int | None = None) -> _Said | None:
    """A line after a block `|` that is indented less than the block's lines."""
    last = scene.last
    if last is None or last.style not in ("|", ">"):
        return None
    message = f"this line is indented less than the block `{last.style}` above; indent it like the lines of the block"
    return _Said(message, ((last.start_mark.index, "the block starts here"),), start)


def _called(mark: _Mark) -> str:
    return f"`{mark.name}`" if mark.name else "the dash"


def _after_text(scene: _Scene) -> _Said | None:
    """Something follows a quoted text or a bracket on the same line."""
    second = _SECOND_NAME.match(scene.content, scene.at)
    holder = scene.holder(scene.at)
    if second and not scene.before.rstrip().endswith("}}"):
        if holder and holder.name == second[2]:
            return _Said(f"`{second[2]}` occurs twice on this line; remove the second one")
        return _Said(f"`{second[2]}` is a second key on this line; put it on a line of its own")
    end = scene.before.rstrip()[-1:]
    if end in ("'", '"') and scene.last is not None:
        return _after_quote(scene, scene.last.start_mark.index)
    return _after_bracket(scene) if end in ("]", "}") else _after_alias(scene)


def _after_bracket(scene: _Scene) -> _Said | None:
    """A shell test or a template's stand-in: YAML takes it for a list or a mapping, and then more text follows."""
    start = scene.bracket
    if start is None or start < scene.at - scene.column or (scene.marks and start < scene.marks[-1].start):
        return None
    bracket = "{{" if scene.content.startswith("{{", start) else scene.content[start]
    text = scene.content[start : scene.line_end(scene.at)].strip()
    advice = _quote(text, scene.block(scene.holder(start)))
    return _Said(f"a text that starts with `{bracket}` must be quoted; {advice}")


def _after_alias(scene: _Scene) -> _Said | None:
    """More text after `*name`: it is no alias but a pattern."""
    found = re.search(r"(?:^|[ \t])(\*\S+)[ \t]*$", scene.before)
    return _Said(f"`{found[1]}` is an alias in YAML; put the whole text in quotes") if found else None


def _after_quote(scene: _Scene, start: int) -> _Said:
    if scene.line(start) == scene.line(scene.at):
        text = scene.content[start : scene.line_end(scene.at)].strip()
        return _Said(f"the text goes on after its closing quote; {_quote(text, scene.block(scene.holder(start)))}")
    quote = scene.content[start : start + 1]
    message = f"the quote of line {scene.line(start)} is closed only on line {scene.line(scene.at)}; close it before"
    return _Said(message, ((scene.at - 1, "closed here"),), start) if quote in "'\"" else _Said(message)


def _list(scene: _Scene) -> _Said | None:
    """Something that is no item of the list that starts at the context."""
    if not scene.starts_line():
        return _after_text(scene)
    dashes = [mark for mark in scene.marks if mark.name is None and mark.start >= (scene.context or 0)]
    if not dashes:
        return None
    column = dashes[0].column
    if scene.is_dash:
        return _Said(_beside(scene.column, column, "this dash", "the dashes above"), ((dashes[0].start, "the first"),))
    dash = [mark for mark in dashes if mark.column == column][-1]
    if scene.name is None:
        return _text_in_list(scene, dash)
    key = scene.item_key(dash)
    if key:
        where = "in the column of the dash above" if scene.column == column else "between the dash and the keys"
        message = f"`{scene.name}` stands {where}; indent it to the column of `{key.name}`"
        return _Said(message, ((key.start, f"`{key.name}` is here"),))
    if scene.column == column:
        return _key_among_dashes(scene, dashes[0])
    return _text_in_list(scene, dash)


def _key_among_dashes(scene: _Scene, first: _Mark) -> _Said | None:
    """A key in the column of a list of texts: a neighbour of the list's own key, or an item without its dash."""
    outside = (mark for mark in reversed(scene.marks) if mark.start < first.start and mark.column < first.column)
    owner = next(outside, None)
    if owner is None or owner.name is None:
        return None
    message = f"`{scene.name}` stands in the column of the dashes of `{owner.name}`"
    related = ((owner.start, f"`{owner.name}` is here"),)
    return _Said(f"{message}; put it in the column of `{owner.name}`, or `- ` before it", related)


def _text_in_list(scene: _Scene, dash: _Mark) -> _Said | None:
    out_of_block = _out_of_block(scene)
    if out_of_block:
        return out_of_block
    if scene.column == dash.column:
        return _Said("this line is no list item; put `- ` before it", ((dash.start, "the item above"),))
    comment = _comment_between(scene)
    if comment is not None:
        message = "a comment ends the text that this line goes on with; write the text as a block `- |`"
        return _Said(message, ((comment, "the comment"), (dash.start, "the text starts here")))
    if scene.last is not None and scene.last.style in ("'", '"'):
        message = "the text above ends with its closing quote; write all its lines as a block `- |`"
        return _Said(message, ((scene.last.start_mark.index, "the text starts here"),))
    return None


def _comment_between(scene: _Scene) -> int | None:
    """Where a comment stands between the last scalar and the error."""
    if scene.last is None:
        return None
    found = scene.content.find("#", scene.last.end_mark.index, scene.at)
    return found if found >= 0 else None


def _mapping(scene: _Scene) -> _Said | None:
    """Something that is no key of the mapping that starts at the context."""
    if not scene.starts_line():
        return _after_text(scene)
    if scene.is_dash:
        return _dash_among_keys(scene)
    if scene.name is None:
        return _text_among_keys(scene)
    outer = next((mark for mark in reversed(scene.marks) if mark.name and mark.column < scene.column), None)
    if outer is None:
        return None
    within = [mark for mark in scene.marks if mark.name and mark.start > outer.start and mark.column > scene.column]
    if not within:
        message = _beside(scene.column, outer.column, f"`{scene.name}`", f"`{outer.name}`")
        return _Said(message, ((outer.start, f"`{outer.name}` is here"),))
    return _between(scene, outer, within[0])


def _between(scene: _Scene, outer: _Mark, inner: _Mark) -> _Said:
    """A key whose column is none of those above: the line itself is out of place, or the one that ended its block."""
    places = [(inner.start, f"`{inner.name}` is here"), (outer.start, f"`{outer.name}` is here")]
    earlier = [mark for mark in scene.marks if mark.name and mark.start < outer.start]
    twin = next((mark for mark in reversed(earlier) if mark.column == scene.column), None)
    message = f"`{scene.name}` stands between the columns of `{outer.name}` and `{inner.name}`"
    if twin is None:
        return _Said(f"{message}; put it in one of them", tuple(places))
    places.append((twin.start, f"`{twin.name}` is here"))
    message = f"{message}; put it in one of them, or indent `{outer.name}` like `{twin.name}`"
    return _Said(message, tuple(places))


def _dash_among_keys(scene: _Scene) -> _Said | None:
    last = scene.last
    holder = scene.holder(last.start_mark.index) if last is not None else None
    if last is not None and last.plain and last.start_mark.column == scene.column and holder and holder.name:
        start = last.start_mark.index
        return _Said("this line is no item of the list below; put `- ` before it", ((scene.at, "the list"),), start)
    dashes = [mark for mark in scene.marks if mark.name is None and mark.start >= (scene.context or 0)]
    if dashes:
        near = min(reversed(dashes), key=lambda mark: abs(mark.column - scene.column))
        return _Said(_beside(scene.column, near.column, "this dash", "the dash above"), ((near.start, "the dash"),))
    if holder and holder.name:
        message = f"`{holder.name}` has a text on its line and a list below; put the text into the list, or remove it"
        return _Said(message, ((last.start_mark.index, "the text"),))
    return None


def _text_among_keys(scene: _Scene) -> _Said | None:
    out_of_block = _out_of_block(scene)
    if out_of_block:
        return out_of_block
    holder = scene.holder(scene.last.start_mark.index) if scene.last is not None else None
    block = scene.block(holder)
    comment = _comment_between(scene)
    if comment is not None:
        message = f"a comment ends the text that this line goes on with; write the text as a block {block}"
        return _Said(message, ((comment, "the comment"),))
    if scene.last is not None and scene.last.style in ("'", '"') and holder is not None:
        message = f"the text above ends with its closing quote; write all its lines as a block {block}"
        return _Said(message, ((scene.last.start_mark.index, "the text starts here"),))
    return None


def _escape(scene: _Scene) -> _Said | None:
    """A backslash in what YAML takes for double quotes."""
    opened = scene.context
    if opened is None:
        return None
    line = scene.content.rfind("\n", 0, opened) + 1
    lead = _LEAD.match(scene.content, line, opened)
    start = lead.end() if lead else opened
    text = scene.content[start : scene.line_end(scene.at)].strip()
    holder = scene.marks[-1] if scene.marks else None
    if opened > start:
        block = scene.block(next((mark for mark in reversed(scene.marks) if mark.start < start), None))
        return _Said(f"an unquoted text cannot hold `: `; {_quote(text, block)}")
    escape = scene.content[scene.at : scene.at + 2].strip()
    if "'" in text[1:]:
        advice = f"write `\\{escape}`, or the text as a block {scene.block(holder)}"
    else:
        advice = "use single quotes, where a backslash is an ordinary character"
    shown = scene.content[scene.at - 1 : scene.at + 1] if not escape.startswith("\\") else escape
    return _Said(f"`{shown}` is no escape in double quotes; {advice}")


def _star(scene: _Scene) -> _Said:
    in_brackets = _after_bracket(scene)
    if in_brackets:
        return in_brackets
    start = scene.context if scene.context is not None else scene.at
    char = scene.content[start : start + 1]
    what = "an alias" if char == "*" else "an anchor"
    return _Said(f"`{char}` starts {what} in YAML; put the whole text in quotes")


def _second_document(scene: _Scene) -> _Said | None:
    """The file's first block has ended: mostly it is indented deeper than what follows."""
    if not scene.marks:
        start = scene.content.find(scene.content.lstrip()[:1])
        return _Said("the file starts with a text, not with a key; a key ends with a colon", ((start, "the text"),))
    first = scene.marks[0]
    if scene.column >= first.column:
        return None
    other = f"`{first.name}`, the first key of the file" if first.name else "the first dash of the file"
    message = f"{scene.word} stands left of {other}; put both in the same column"
    return _Said(message, ((first.start, f"{_called(first)} is here"),))


def _never_closed(scene: _Scene) -> _Said | None:
    if scene.context is None:
        return None
    return _Said("this quote is never closed; close the quote where the text ends", (), scene.context)


_TELLERS: Final[tuple[tuple[str, Callable[[_Scene], _Said | None]], ...]] = (
    ("found character that cannot start any token", _strange_start),
    ("mapping values are not allowed", _colon),
    ("could not find expected ':'", _no_colon),
    ("did not find expected key", _mapping),
    ("did not find expected '-' indicator", _list),
    ("found unknown escape character", _escape),
    ("did not find expected alphabetic or numeric character", _star),
    ("did not find expected <document start>", _second_document),
    ("found unexpected end of stream", _never_closed),
)


def repeated(entries: list[Entry], but: str | None = None) -> list[Problem]:
    """One problem for each key (`but` one name) that occurs more than once; readers keep the last one in silence."""
    of_name: dict[str, list[Entry]] = {}
    for entry in entries:
        if isinstance(entry.key, Scalar) and entry.key.value != but:
            of_name.setdefault(entry.key.value, []).append(entry)
    return [_repeated(name, found) for name, found in of_name.items() if len(found) > 1]


def _repeated(name: str, found: list[Entry]) -> Problem:
    times = "twice" if len(found) == 2 else f"{len(found)} times"
    if all(_same(found[0].value, entry.value) for entry in found[1:]):
        rest = "with the same value; remove one" if len(found) == 2 else "always with the same value; keep one"
        message = f"the key {name!r} occurs {times} in this mapping, {rest}"
    elif len(found) > 2:
        advice = "keep one, or give each a mapping of its own"
        message = f"the key {name!r} occurs {times} in this mapping and only the last one counts; {advice}"
    else:
        advice = "remove one" if isinstance(found[-1].value, Scalar) else "merge the two or remove one"
        message = f"the key {name!r} occurs {times} in this mapping and only the last one counts; {advice}"
    phrases = ["first here", *["again here"] * (len(found) - 2)]
    related = tuple((entry.key.span, phrase) for entry, phrase in zip(found, phrases, strict=False))
    return Problem("duplicate-key", found[-1].key.span, message, related)


def _same(one: Node, other: Node) -> bool:
    """Whether two values say the same; keys in the same order."""
    if one.tag != other.tag or type(one) is not type(other):
        return False
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return (one.value, one.quoted, one.is_alias) == (other.value, other.quoted, other.is_alias)
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        return len(one.items) == len(other.items) and all(map(_same, one.items, other.items))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        pairs = zip(one.entries, other.entries, strict=False)
        return len(one.entries) == len(other.entries) and all(
            _same(mine.key, yours.key) and _same(mine.value, yours.value) for mine, yours in pairs
        )
    return False

"""Suppressions: what `# cilint: ignore[rule] reason` and its kin silence, and what is wrong with them.

Reading them belongs to the analysis of a file (`find`); applying them comes after all rules have spoken (`applied`),
so that it needs nothing but results. A file without the word `cilint` costs one search.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from typing import Final

from cilint.core.finding import Severity
from cilint.core.nearest import nearest
from cilint.core.rule import Rule
from cilint.engine.analyze import MARK
from cilint.engine.index import Index
from cilint.engine.result import Diagnostic, Edit, FileResult, PlacedFix, Suppression, lines_of, place
from cilint.engine.settings import Waiver, is_rule_of_program, program_of
from cilint.source.comments import comments
from cilint.source.maps import value_start
from cilint.source.nodes import DOUBLE_QUOTED, JSON_STRING, Document, Entry, Mapping, Node, Scalar, Sequence, walk
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text

UNUSED: Final = "unused-suppression"
UNKNOWN: Final = "invalid-suppression"
EXPIRED: Final = "expired-suppression"
UNREASONED: Final = "suppression-without-reason"
OWN: Final = frozenset([UNUSED, UNKNOWN, EXPIRED, UNREASONED])
"""The rules about suppressions; no suppression silences them."""

_SAID: Final = lazy(
    r"(?:^(?:#+|//+|/\*+)|(?<=\s)#+)[ \t]*cilint:"
    r"[ \t]*(?P<verb>[\w-]*)[ \t]*(?:\[(?P<rules>[^\]\r\n]*)\])?(?P<rest>(?:(?!\s#).)*)",
    re.DOTALL,
)
_UNTIL: Final = lazy(r"(?:^|(?<=\s))until=(\S*)")
_DATE: Final = lazy(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_VERBS: Final = ("ignore", "ignore-file")
_FORM: Final = "write `# cilint: ignore[rule] reason`"


class Said(NamedTuple):
    """What a comment asks for, from `start` to `end` of it; `inner` is the list between the brackets."""

    verb: str
    rules: tuple[str, ...]
    reason: str
    until: str
    inner: tuple[int, int]
    problem: str
    start: int = 0
    end: int = 0


def parse(comment: str) -> Said | None:
    """What a comment asks for, None when it does not speak to cilint."""
    match = _SAID.search(comment)
    if match is None:
        return None
    verb, listed, rest = match["verb"], match["rules"], match["rest"]
    until = _UNTIL.search(rest)
    reason = _UNTIL.sub("", rest).strip().lstrip(":-–—").removesuffix("*/").strip()
    rules = tuple(word.strip() for word in (listed or "").split(",") if word.strip())
    problem = ""
    if verb not in _VERBS:
        hint = nearest(verb, _VERBS, 2)
        problem = f"cilint knows no `{verb}`; " + (f"did you mean `{hint}[...]`?" if hint else _FORM)
    elif not rules:
        problem = f"it names no rule; {_FORM}"
    elif until and not _DATE.fullmatch(until[1]):
        problem = f"`{until[0]}` is no date; write until=YYYY-MM-DD"
    return Said(verb, rules, reason, until[1] if until else "", match.span("rules"), problem, *match.span())


# --- finding them in a file


def find(path: str, document: Document, waivers: tuple[Waiver, ...] = ()) -> tuple[Suppression, ...]:
    """The suppressions of a file, with what they silence, and those that the configuration has for it."""
    found = [_waived(document, waiver) for waiver in waivers]
    if MARK in document.text.content:
        finder = _Finder(path, document)
        found += [*finder.in_comments(), *finder.in_scripts(), *finder.in_metadata()]
    return tuple(found)


def _waived(document: Document, waiver: Waiver) -> Suppression:
    where = pointed(document.root, waiver.at) if waiver.at else Span(0, len(document.text.content))
    return Suppression("configuration", waiver.rules, *(where or Span(0, 0)), waiver.reason, waiver.until)


def pointed(root: Node | None, pointer: str) -> Span | None:
    """The text of the key and value, or of the item, at a JSON pointer; None when there is none."""
    node, span = root, root.span if root else None
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, Mapping) and (entry := node.entry(name)):
            node, span = entry.value, _entry_span(entry)
        elif isinstance(node, Sequence) and name.isdecimal() and int(name) < len(node.items):
            node = node.items[int(name)]
            span = node.span
        else:
            return None
    return span


class _Finder:
    def __init__(self, path: str, document: Document) -> None:
        self.path = path
        self.document = document
        self.text: Text = document.text
        self.content = document.text.content

    def in_comments(self) -> Iterator[Suppression]:
        for comment in comments(self.text, self.document, MARK):
            written = self.content[comment.span.start : comment.span.end]
            said = parse(written)
            if said is None:
                continue
            line = self.line_around(comment.span)
            if said.verb == "ignore-file":
                yield self.made("comment", said, comment.span, Span(0, len(self.content)), comment.own_line)
            elif comment.own_line:
                yield self.made("comment", said, comment.span, self.below(comment.span.end), True)
            else:
                yield self.made("comment", said, comment.span, self.with_scalars(line), False, touching=True)

    def line_around(self, span: Span) -> Span:
        number = self.text.position(span.start).line
        starts = self.text.line_starts
        return Span(starts[number - 1], starts[number] if number < len(starts) else len(self.content))

    def below(self, offset: int) -> Span:
        """The first item or entry that starts behind an offset; of those that start together the largest."""
        candidates = [span for root in self.document.roots for span in _members(root) if span.start >= offset]
        return min(candidates, key=lambda span: (span.start, -span.end), default=Span(offset, offset))

    def with_scalars(self, line: Span) -> Span:
        """A line, with all of a text that starts on it."""
        ends = [
            node.end
            for root in self.document.roots
            for node in walk(root)
            if isinstance(node, Scalar) and line.start <= node.start < line.end
        ]
        return Span(line.start, max([line.end, *ends]))

    def in_scripts(self) -> Iterator[Suppression]:
        for root in self.document.roots:
            for node in walk(root):
                if isinstance(node, Scalar) and node.end > node.start:
                    start = value_start(self.content, node)
                    if self.content.find(MARK + ":", start, node.end) >= 0:
                        yield from self.in_script(Span(start, node.end), node.style in (DOUBLE_QUOTED, JSON_STRING))

    def in_script(self, span: Span, escaped: bool) -> Iterator[Suppression]:
        lines = list(_lines(self.content, span, escaped))
        for number, line in enumerate(lines):
            shown = self.content[line.start : line.end]
            at = shown.find("#")
            while at > 0 and not shown[at - 1].isspace() and shown[at - 1] not in "'\"":
                at = shown.find("#", at + 1)
            said = parse(shown[at:]) if at >= 0 else None
            if said is None:
                continue
            comment = Span(line.start + at, line.end - (len(shown) - len(shown.rstrip("\"' \t\r"))))
            if said.verb == "ignore-file":
                yield self.made("script", said, comment, Span(0, len(self.content)), not shown[:at].strip("'\" \t"))
            elif shown[:at].strip("'\" \t"):
                yield self.made("script", said, comment, line, False, touching=True)
            else:
                yield self.made("script", said, comment, self.indented(lines[number + 1 :]), True)

    def indented(self, lines: list[Span]) -> Span:
        """The first line of some that says something, with the lines below it that are indented deeper."""
        first: Span | None = None
        end = depth = 0
        for line in lines:
            shown = self.content[line.start : line.end]
            blank = not shown.strip() or shown.lstrip().startswith("#")
            if first is None:
                if not blank:
                    first, end, depth = line, line.end, len(shown) - len(shown.lstrip())
            elif not blank:
                if len(shown) - len(shown.lstrip()) <= depth:
                    break
                end = line.end
        return Span(first.start, end) if first else Span(0, 0)

    def in_metadata(self) -> Iterator[Suppression]:
        """`Metadata: {cilint: {ignore: [...]}}` of a template or of one of its resources."""
        root = self.document.root
        if not isinstance(root, Mapping) or not isinstance(resources := root.get("Resources"), Mapping):
            return
        yield from self.in_cilint(root, Span(0, len(self.content)))
        for entry in resources.entries:
            if isinstance(entry.value, Mapping):
                yield from self.in_cilint(entry.value, _entry_span(entry))

    def in_cilint(self, owner: Mapping, covers: Span) -> Iterator[Suppression]:
        metadata = owner.get("Metadata")
        ours = metadata.get(MARK) if isinstance(metadata, Mapping) else None
        if ours is None:
            return
        ignore = ours.get("ignore") if isinstance(ours, Mapping) else None
        if not isinstance(ignore, Sequence):
            problem = "it says nothing; write `ignore: [{rule: ..., reason: ...}]` below it"
            yield self.placed("metadata", Said("", (), "", "", (-1, -1), problem), ours.span, covers)
            return
        for item in ignore.items:
            yield self.placed("metadata", _said_in_metadata(item), item.span, covers)

    def made(
        self, form: str, said: Said, comment: Span, covers: Span, own_line: bool, touching: bool = False
    ) -> Suppression:
        """The suppression of a comment."""
        inner = Span(comment.start + said.inner[0], comment.start + said.inner[1]) if said.inner[0] >= 0 else None
        comment = Span(comment.start + said.start, comment.start + said.end)
        removal = self.removal(comment, own_line and not said.start)
        return self.placed(form, said, comment, covers)._replace(
            touching=touching,
            inner=inner and place(self.path, self.text, inner),
            removal=place(self.path, self.text, removal),
        )

    def placed(self, form: str, said: Said, span: Span, covers: Span) -> Suppression:
        where = place(self.path, self.text, span)
        return Suppression(
            form, said.rules, *covers, said.reason, said.until, said.problem, where, lines_of(self.text, where)
        )

    def removal(self, comment: Span, own_line: bool) -> Span:
        """What goes with a comment: its line when it has that for itself, else the blanks before it."""
        start = comment.start
        while start > 0 and self.content[start - 1] in " \t":
            start -= 1
        if own_line and (start == 0 or self.content[start - 1] in "\r\n"):
            line = self.line_around(comment)
            rest = self.content[comment.end : line.end]
            return Span(comment.start, line.end - len(rest.lstrip())) if rest.strip() else Span(start, line.end)
        return Span(start, comment.end)


def _members(root: Node) -> Iterator[Span]:
    """The items and entries of all that is below a node."""
    for node in walk(root):
        if isinstance(node, Mapping):
            yield from (_entry_span(entry) for entry in node.entries if not entry.merged)
        elif isinstance(node, Sequence):
            yield from (item.span for item in node.items)


def _entry_span(entry: Entry) -> Span:
    return Span(entry.key.start, max(entry.key.end, entry.value.end))


def _lines(content: str, span: Span, escaped: bool) -> Iterator[Span]:
    r"""The lines of a text in a file; where its style has escapes, `\n` ends one too."""
    start = span.start
    for end in re.finditer(r"\r?\n|\\n" if escaped else r"\r?\n", content[span.start : span.end]):
        yield Span(start, span.start + end.start())
        start = span.start + end.end()
    yield Span(start, span.end)


def _said_in_metadata(item: Node) -> Said:
    if isinstance(item, Scalar):
        return Said("ignore", (item.value.strip(),), "", "", (-1, -1), "")
    if not isinstance(item, Mapping):
        return Said("", (), "", "", (-1, -1), "this names no rule; write `{rule: ..., reason: ...}`")
    reason, until, named = (item.get(key) for key in ("reason", "until", "rule"))
    if not isinstance(named, Scalar):
        return Said("", (), "", "", (-1, -1), "this names no rule; write `{rule: ..., reason: ...}`")
    day = until.value if isinstance(until, Scalar) else ""
    problem = f"`until: {day}` is no date; write YYYY-MM-DD" if day and not _DATE.fullmatch(day) else ""
    return Said("ignore", (named.value,), reason.value if isinstance(reason, Scalar) else "", day, (-1, -1), problem)


# --- applying them


def applied(
    result: FileResult, rules: Iterable[Rule], index: Index, today: str = "", programs: tuple[str, ...] = ()
) -> FileResult:
    """The result without what is silenced, with findings about the suppressions themselves.

    `rules` are those that could speak about the file; `today` is a date as YYYY-MM-DD, by default that of UTC.
    `programs` are the other programs that have looked at it.
    """
    if not result.suppressions:
        return result
    today = today or time.strftime("%Y-%m-%d", time.gmtime())
    active = [each for each in result.suppressions if not each.problem and not 0 < len(each.until) < 10]
    active = [each for each in active if not each.until or each.until >= today]
    renamed = index.renamed
    kept: list[Diagnostic] = []
    silenced: list[Diagnostic] = []
    used: set[tuple[int, str]] = set()
    for diagnostic in result.diagnostics:
        hits = [
            (id(each), word)
            for each in active
            for word in each.rules
            if renamed.get(word, word) in (diagnostic.rule, diagnostic.id) and silences(each, diagnostic)
        ]
        used.update(hits)
        (silenced if hits else kept).append(diagnostic)
    own = _About(result, tuple(rules), index, today, used, programs).findings()
    kept.extend(own)
    kept.sort(key=lambda each: (each.place.start, each.place.end, each.id))
    return result._replace(diagnostics=tuple(kept), suppressed=tuple(silenced))


def silences(suppression: Suppression, diagnostic: Diagnostic) -> bool:
    """Whether the finding lies where the suppression holds: it starts there or, at the end of a line, ends there."""
    start, end = suppression.start, suppression.end
    where = diagnostic.place
    return start <= where.start < max(end, start + 1) or (suppression.touching and start < where.end <= end)


class _About:
    """The findings about the suppressions of one file."""

    def __init__(
        self,
        result: FileResult,
        rules: tuple[Rule, ...],
        index: Index,
        today: str,
        used: set[tuple[int, str]],
        programs: tuple[str, ...],
    ) -> None:
        self.programs = programs
        self.result = result
        self.by_name = {rule.name: rule for rule in rules}
        self.on = {word for rule in rules for word in (rule.id, rule.name, *rule.was)}
        self.index = index
        self.today = today
        self.used = used

    def findings(self) -> Iterator[Diagnostic]:
        for each in self.result.suppressions:
            if each.place is not None:
                yield from self.about(each)

    def about(self, each: Suppression) -> Iterator[Diagnostic]:
        if each.problem:
            yield from self.finding(UNKNOWN, each, f"this suppresses nothing: {each.problem}")
            return
        unknown = [word for word in each.rules if self.index.by_name(word) is None and not is_rule_of_program(word)]
        for word in unknown:
            yield from self.finding(UNKNOWN, each, f"this suppresses nothing: {self.unknown(word)}", {word})
        if each.until and each.until < self.today:
            message = f"this suppression expired on {each.until}; mend what it hides, or say why it may stay"
            yield from self.finding(EXPIRED, each, message, set(each.rules))
            return
        if not self.result.crashed:
            unused = {
                word
                for word in each.rules
                if (word in self.on or program_of(word) in self.programs)
                and (id(each), word) not in self.used
                and word not in unknown
            }
            if unused:
                yield from self.finding(UNUSED, each, self.unused(each, unused), unused)
        if not each.reason:
            yield from self.finding(UNREASONED, each, "this suppression gives no reason; say behind it why it may stay")

    def unknown(self, word: str) -> str:
        from cilint.engine.tables import unknown_rule

        return unknown_rule(self.index, word)

    def unused(self, each: Suppression, words: set[str]) -> str:
        """What to say of words that silenced nothing, and where the finding is that was perhaps meant."""
        named = " and ".join(f"`{word}`" for word in each.rules if word in words)
        elsewhere = [
            diagnostic.place.line
            for diagnostic in self.result.diagnostics
            if words & {diagnostic.rule, diagnostic.id} and not each.start <= diagnostic.place.start < each.end
        ]
        hint = f", or move it to line {elsewhere[0]}" if elsewhere else ""
        return f"there is nothing here for {named} to find; remove this suppression{hint}"

    def finding(
        self, name: str, each: Suppression, message: str, without: set[str] | None = None
    ) -> Iterator[Diagnostic]:
        rule = self.by_name.get(name)
        if rule is None or each.place is None:
            return
        severity: Severity = rule.severity
        fix = _fix(each, without)
        yield Diagnostic(rule.name, rule.id, severity, rule.confidence, message, each.place, each.lines, fix=fix)


def _fix(each: Suppression, without: set[str] | None) -> PlacedFix | None:
    """The comment without some rules, or no comment at all when it names no others."""
    if not without or each.removal is None or each.inner is None:
        return None
    left = [word for word in each.rules if word not in without]
    if left:
        return PlacedFix("Name only the other rules", "safe", (Edit(each.inner, ", ".join(left)),))
    return PlacedFix("Remove the suppression", "safe", (Edit(each.removal, ""),))

"""What is wrong with the suppressions of a configuration, `[[suppress]]`: they silence nothing, or their day is over.

A file alone cannot tell, so this comes after a run; nothing is said of what the run did not look at. What an entry
silences in a file is `suppress`'s work.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from typing import Final

from cilint.core.finding import Severity
from cilint.engine import toml
from cilint.engine.discover import SKIPPED, Candidate
from cilint.engine.index import Index
from cilint.engine.plan import Plan, Plans
from cilint.engine.result import Diagnostic, Edit, FileResult, PlacedFix, Suppression, lines_of, place
from cilint.engine.run import Report, shown
from cilint.engine.settings import Waiver, adjusted, reported
from cilint.engine.suppress import EXPIRED, UNREASONED, UNUSED, silences
from cilint.source.edits import Edit as Change
from cilint.source.edits import EditConflict, apply
from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text, decode

_GLOB: Final = frozenset("*?[!\\")


class _Held(NamedTuple):
    """A file that a waiver holds for, with what it covers there."""

    file: FileResult
    plan: Plan
    covers: Suppression
    path: str


class _Entry:
    """A waiver, where it stands, and the files that it met in a run."""

    def __init__(self, waiver: Waiver, plan: Plan) -> None:
        self.waiver = waiver
        self.plan = plan
        self.held: list[_Held] = []

    @property
    def pattern(self) -> str:
        return self.waiver.where.patterns[0]

    @property
    def target(self) -> str:
        """The path of the one file that it names; empty where its pattern may mean several."""
        pattern = self.pattern
        if _GLOB & set(pattern) or pattern.endswith("/") or "/" not in pattern:
            return ""
        return os.path.join(self.waiver.where.root, *pattern.strip("/").split("/"))

    def used(self) -> set[str]:
        """The words of it that silenced something."""
        return {
            word
            for held in self.held
            for each in held.file.suppressed
            if silences(held.covers, each)
            for word in self.waiver.rules
            if _names(held.plan.book, word, each)
        }

    def active(self) -> set[str]:
        """The words that name rules of ours which could have spoken where it holds, or anywhere if it holds nowhere."""
        rules = [rule for held in self.held for rule in held.plan.rules_at(held.path)] or list(self.plan.rules)
        on = {word for rule in rules for word in (rule.id, rule.name, *rule.was)}
        return {word for word in self.waiver.rules if word in on}


def _names(book: Index, word: str, each: Diagnostic) -> bool:
    rule = book.by_name(word)
    return (rule.name if rule else word) == each.rule


def judged(
    report: Report, plans: Plans, candidates: Iterable[Candidate], paths: tuple[str, ...], today: str = ""
) -> Report:
    """The report with findings about the entries that silence nothing there, that are over, or give no reason.

    `paths` are what the run was asked to look at; `today` is a date as YYYY-MM-DD, by default that of UTC.
    """
    today = today or time.strftime("%Y-%m-%d", time.gmtime())
    entries = _met(report, plans, candidates)
    found: list[Diagnostic] = []
    for file in dict.fromkeys(entry.waiver.file for entry in entries):
        about = _About(file, report, paths, today)
        for entry in entries:
            if entry.waiver.file == file:
                found.extend(about.findings(entry))
    return report._replace(diagnostics=report.diagnostics + tuple(found))


def _met(report: Report, plans: Plans, candidates: Iterable[Candidate]) -> list[_Entry]:
    """The entries of all configurations of a run, each once, with the files that they hold for."""
    entries: dict[tuple[str, int], _Entry] = {}
    for plan in plans.all:
        for waiver in plan.settings.waivers:
            if waiver.file:
                entries.setdefault((waiver.file, waiver.number), _Entry(waiver, plan))
    files = {file.path: file for file in report.files}
    for candidate in candidates:
        file = files.get(shown(candidate.path))
        if file is None or not file.checked:
            continue
        plan = plans.of(candidate.path)
        covered = [each for each in file.suppressions if each.form == "configuration"]
        for waiver, covers in zip(plan.waivers_at(candidate.path), covered, strict=False):
            if waiver.file:
                entries[waiver.file, waiver.number].held.append(_Held(file, plan, covers, candidate.path))
    return list(entries.values())


class _About:
    """The findings about the entries of one configuration file."""

    def __init__(self, file: str, report: Report, paths: tuple[str, ...], today: str) -> None:
        self.today = today
        self.report = report
        self.walked = [os.path.join(os.path.abspath(path), "") for path in paths if os.path.isdir(path)]
        self.looked_at = {os.path.abspath(each.path) for each in report.files}
        self.shown = _shown(file)
        self.prefix: toml.Path = ("tool", "cilint") if os.path.basename(file) == "pyproject.toml" else ()
        self.text, self.extents = _read(file)

    def findings(self, entry: _Entry) -> Iterator[Diagnostic]:
        said = list(self._said(entry))
        rules = {rule.name: rule for rule in entry.plan.rules}
        settings = entry.plan.settings
        yield from reported(adjusted(tuple(said), rules, settings, entry.waiver.file), settings)

    def _said(self, entry: _Entry) -> Iterator[Diagnostic]:
        waiver = entry.waiver
        if waiver.until and waiver.until < self.today:
            message = f"this suppression expired on {waiver.until}; mend what it hides, or say why it may stay"
            yield from self._finding(EXPIRED, entry, message, waiver.rules)
            return
        unused = self._unused(entry)
        if unused:
            yield from self._finding(UNUSED, entry, self._why(entry, unused), unused)
        if not waiver.reason:
            message = "this suppression gives no reason; say in `reason` why it may stay"
            yield from self._finding(UNREASONED, entry, message, ())

    def _unused(self, entry: _Entry) -> tuple[str, ...]:
        """The words that silenced nothing, as far as this run can tell."""
        if any(held.file.crashed for held in entry.held):
            return ()
        top = os.path.join(entry.waiver.where.root, "")
        complete = any(top.startswith(path) for path in self.walked)
        if entry.held:
            known = complete or bool(entry.target)
        elif entry.target and os.path.exists(entry.target):
            known = complete and os.path.abspath(entry.target) in self.looked_at
        else:
            known = complete and not SKIPPED & set(entry.pattern.split("/"))
        if not known:
            return ()
        silent = entry.active() - entry.used()
        return tuple(word for word in entry.waiver.rules if word in silent)

    def _why(self, entry: _Entry, unused: tuple[str, ...]) -> str:
        path, at = entry.pattern, entry.waiver.at
        if not entry.held:
            return f"no file that is checked here is called `{path}`; remove this suppression, or mend its path"
        if at and not any(held.covers.end for held in entry.held):
            return f"there is nothing at `{at}` in `{path}`; remove this suppression, or mend the place"
        named = " and ".join(f"`{word}`" for word in unused)
        elsewhere = [
            f"{each.place.path}:{each.place.line}"
            for held in entry.held
            for each in held.file.diagnostics
            if any(_names(held.plan.book, word, each) for word in unused)
        ]
        hint = f", or mend the place: there is one at {elsewhere[0]}" if elsewhere else ""
        where = f"at `{at}` in `{path}`" if at else f"in `{path}`"
        return f"there is nothing {where} for {named} to find; remove this suppression{hint}"

    def _finding(self, name: str, entry: _Entry, message: str, without: tuple[str, ...]) -> Iterator[Diagnostic]:
        rule = next((each for each in entry.plan.rules if each.name == name), None)
        path: toml.Path = (*self.prefix, "suppress", entry.waiver.number)
        if rule is None or path not in self.extents:
            return
        where = place(self.shown, self.text, Span(*self._spot(path, entry.waiver, without)))
        severity: Severity = rule.severity
        yield Diagnostic(
            rule.name,
            rule.id,
            severity,
            rule.confidence,
            message,
            where,
            lines_of(self.text, where),
            fix=self._fix(path, entry.waiver, without),
            keys=".".join(map(str, path)),
            anchor=f"{entry.pattern} {entry.waiver.at} {' '.join(without)}",
        )

    def _spot(self, path: toml.Path, waiver: Waiver, without: tuple[str, ...]) -> toml.Extent:
        """What to underline: the one rule that silences nothing among others, else the head of the entry."""
        if len(without) == 1 < len(waiver.rules):
            return self.extents[(*path, "rules", waiver.rules.index(without[0]))]
        return self.extents[path]

    def _fix(self, path: toml.Path, waiver: Waiver, without: tuple[str, ...]) -> PlacedFix | None:
        """The entry without some rules, or no entry at all when it names no others."""
        left = [number for number, word in enumerate(waiver.rules) if word not in without]
        if not without:
            return None
        if left:
            first, last = (self.extents[(*path, "rules", at)] for at in (0, len(waiver.rules) - 1))
            kept = [self.extents[(*path, "rules", number)] for number in left]
            words = ", ".join(self.text.content[each.start : each.end] for each in kept)
            return self._placed("Name only the other rules", Span(first.start, last.end), words)
        if not self.text.content.startswith("[[", self.extents[path].start):
            return None  # an inline table, whose comma would have to go too
        return self._placed("Remove the suppression", self._lines(path), "")

    def _placed(self, title: str, span: Span, text: str) -> PlacedFix:
        where = place(self.shown, self.text, span)
        return PlacedFix(title, "safe", (Edit(where, text, lines_of(self.text, where)),))

    def _lines(self, path: toml.Path) -> Span:
        """All lines of an entry, with the blank ones behind it."""
        content = self.text.content
        inside = [extent for key, extent in self.extents.items() if key[: len(path)] == path]
        start = content.rfind("\n", 0, min(each.start for each in inside)) + 1
        end = _line_end(content, max(each.end for each in inside))
        while end < len(content) and not content[end : (after := _line_end(content, end))].strip():
            end = after
        return Span(start, end)


def _line_end(content: str, at: int) -> int:
    end = content.find("\n", at)
    return len(content) if end < 0 else end + 1


def _read(path: str) -> tuple[Text, dict[toml.Path, toml.Extent]]:
    """A configuration's text and where its keys stand; nothing where it is no more what was obeyed."""
    try:
        with open(path, "rb") as file:
            text = decode(file.read())
        toml.parse(text.content.replace("\r\n", "\n"))
    except (OSError, toml.TomlError):
        return decode(b""), {}
    return text, toml.extents(text.content)


def _shown(path: str) -> str:
    relative = os.path.relpath(path)
    return shown(path if relative.startswith(os.path.join("..", "..")) else relative)


def mended(data: bytes, wanted: Iterable[Diagnostic]) -> bytes:
    """A configuration with the fixes of some findings; the same bytes where one would change more than entries."""
    text = decode(data)
    fixes = [each.fix for each in wanted if each.fix]
    changes = [Change(Span(edit.place.start, edit.place.end), edit.text) for fix in fixes for edit in fix.edits]
    try:
        new = apply(text, changes)
        if any(not text.content[change.span.end :] for change in changes):
            new = new.rstrip(b"\r\n") + text.line_end.encode()  # no blank lines at the end that stood between entries
        before, after = (toml.parse(decode(each).content.replace("\r\n", "\n")) for each in (data, new))
    except (EditConflict, UnicodeEncodeError, toml.TomlError):
        return data
    return new if _without_suppressions(before) == _without_suppressions(after) and _fewer(before, after) else data


def _suppressions(table: toml.Table) -> list[toml.Table]:
    ours = table.get("tool", {}).get("cilint", {}) if "tool" in table else table
    found: list[toml.Table] = ours.get("suppress", [])
    return found


def _without_suppressions(table: toml.Table) -> toml.Table:
    if "tool" in table:
        ours = {key: value for key, value in table["tool"]["cilint"].items() if key != "suppress"}
        return table | {"tool": table["tool"] | {"cilint": ours}}
    return {key: value for key, value in table.items() if key != "suppress"}


def _fewer(before: toml.Table, after: toml.Table) -> bool:
    """Whether each entry that is left stood there before, in this order, with all but some of its rules."""
    old = iter(_suppressions(before))
    return all(any(_is_rest(each, other) for other in old) for each in _suppressions(after))


def _is_rest(each: toml.Table, other: toml.Table) -> bool:
    return {**each, "rules": []} == {**other, "rules": []} and set(each["rules"]) <= set(other["rules"])

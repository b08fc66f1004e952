"""A run: files in, one Report out. Counting, sorting and the exit code live here; how it looks is the reports' work."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Final, NamedTuple

from cilint.core.context import EmptyTree, Tree
from cilint.core.finding import SEVERITIES, Severity
from cilint.core.rule import Rule
from cilint.engine.analyze import analyze
from cilint.engine.discover import TERRAFORM, Candidate, discover
from cilint.engine.fingerprint import line_hashes
from cilint.engine.index import Index
from cilint.engine.neighbourhood import DiskTree
from cilint.engine.result import Diagnostic, FileResult
from cilint.engine.settings import Settings, chosen

OK: Final = 0
FINDINGS: Final = 1
USAGE: Final = 2
NOTHING_CHECKED: Final = 3
CRASHED: Final = 4


class Unread(NamedTuple):
    """A file that could not be read at all."""

    path: str
    reason: str


class Report(NamedTuple):
    """All that a run has to say. `rules` are the ones that could speak; `diagnostics` are sorted by place.

    `ignored` are files that the user named and that are none of ours.
    """

    files: tuple[FileResult, ...]
    diagnostics: tuple[Diagnostic, ...]
    rules: tuple[Rule, ...]
    settings: Settings
    seconds: float
    unread: tuple[Unread, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def checked(self) -> int:
        return sum(1 for file in self.files if file.checked)

    @property
    def not_checked(self) -> dict[str, int]:
        """How many files of each known kind no rule looks at."""
        counts: dict[str, int] = {}
        for file in self.files:
            if file.kind and not file.checked:
                counts[file.kind] = counts.get(file.kind, 0) + 1
        return dict(sorted(counts.items()))

    @property
    def skipped(self) -> int:
        """How many files were looked at and not checked: of a kind without rules, named and not ours, unreadable."""
        unchecked = {file.path for file in self.files if not file.checked}
        return len(unchecked.union(self.ignored, (each.path for each in self.unread)))

    @property
    def crashed(self) -> bool:
        return any(file.crashed for file in self.files)

    def count(self, severity: Severity) -> int:
        return sum(1 for each in self.diagnostics if each.severity == severity)

    @property
    def exit_code(self) -> int:
        """4 a rule crashed, 1 findings at or above the level that fails, 3 nothing was checked, else 0."""
        failing = SEVERITIES[SEVERITIES.index(self.settings.fail_on) :]
        if self.crashed:
            return CRASHED
        if any(each.severity in failing for each in self.diagnostics) or self.unread:
            return FINDINGS
        walked = not self.files and not self.ignored
        return NOTHING_CHECKED if walked or (not self.checked and not self.ignored) else OK


def check_paths(paths: tuple[str, ...], index: Index, settings: Settings) -> Report:
    """Check files and what lies below directories."""
    return _report(index, settings, _read_all(discover(paths)))


def check_text(path: str, data: bytes, index: Index, settings: Settings) -> Report:
    """Check one text as if it were the file at `path`."""
    return _report(index, settings, [(Candidate(path, True), data, EmptyTree())])


_Input = tuple[Candidate, bytes | Unread, Tree]


def _read_all(candidates: Iterable[Candidate]) -> Iterable[_Input]:
    for candidate in candidates:
        tree = DiskTree(os.path.dirname(candidate.path))
        if candidate.path.endswith(TERRAFORM):
            yield candidate, b"", tree
            continue
        try:
            with open(candidate.path, "rb") as file:
                yield candidate, file.read(), tree
        except OSError as error:
            yield candidate, Unread(candidate.path, error.strerror or str(error)), tree


def _report(index: Index, settings: Settings, inputs: Iterable[_Input]) -> Report:
    started = time.perf_counter()
    rules = chosen(index, settings)
    files: list[FileResult] = []
    unread: list[Unread] = []
    ignored: list[str] = []
    for candidate, data, tree in inputs:
        path = candidate.path.replace(os.sep, "/").removeprefix("./")
        if isinstance(data, Unread):
            unread.append(data)
            continue
        result = (
            FileResult(path, "terraform", False)
            if candidate.path.endswith(TERRAFORM)
            else analyze(path, data, rules, tree)
        )
        if settings.line_hashes and result.diagnostics:
            last = max(each.place.line for each in result.diagnostics)
            result = result._replace(line_hashes=line_hashes(data, last))
        if candidate.named and not result.checked:
            ignored.append(path)
        if result.kind:
            files.append(result)
    seconds = time.perf_counter() - started
    return Report(tuple(files), _selected(files, settings), rules, settings, seconds, tuple(unread), tuple(ignored))


def _selected(files: list[FileResult], settings: Settings) -> tuple[Diagnostic, ...]:
    shown = SEVERITIES[SEVERITIES.index(settings.severity) :]
    return tuple(each for file in files for each in file.diagnostics if each.severity in shown)

"""A run: files in, one Report out. Counting, sorting and the exit code live here; how it looks is the reports' work."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from cilint.core.context import EmptyTree, Tree
from cilint.core.finding import SEVERITIES, Severity
from cilint.core.rule import Rule
from cilint.engine.analyze import MAX_BYTES, analyze
from cilint.engine.config import Finder
from cilint.engine.discover import Candidate, discover, is_templated, is_terraform
from cilint.engine.fingerprint import line_hashes
from cilint.engine.index import Index
from cilint.engine.neighbourhood import DiskTree
from cilint.engine.parallel import in_order
from cilint.engine.plan import Plan, Plans
from cilint.engine.result import Diagnostic, FileResult
from cilint.engine.settings import Settings, reported
from cilint.engine.sniff import is_binary, may_be_ours
from cilint.source.record import NamedTuple

if TYPE_CHECKING:
    from cilint.engine.beside import Joined, Program

OK: Final = 0
FINDINGS: Final = 1
USAGE: Final = 2
NOTHING_CHECKED: Final = 3
CRASHED: Final = 4

WHY_IGNORED: Final = {
    "": "its content is none of the kinds that cilint knows",
    "binary": "it is not text",
    "templated": "another tool writes the real file; check that one",
    "terraform": "cilint does not read Terraform",
}
"""Why a file that the user named is not checked, by its kind; other kinds have no rules yet."""

_BLOCK: Final = 65_536  # a larger buffer costs more than it saves on files of this size
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


class Unread(NamedTuple):
    """A file that could not be read at all."""

    path: str
    reason: str


class Report(NamedTuple):
    """All that a run has to say. `rules` are the ones that could speak; `diagnostics` are sorted by place.

    `ignored` are files that the user named and that are none of ours. `known` are findings that the baseline at
    `baseline` holds; `gone` is how many it holds that are no more there.
    `sources` are the configuration files that were obeyed, `notices` what a reader should know about the run itself.
    """

    files: tuple[FileResult, ...]
    diagnostics: tuple[Diagnostic, ...]
    rules: tuple[Rule, ...]
    settings: Settings
    seconds: float
    unread: tuple[Unread, ...] = ()
    ignored: tuple[str, ...] = ()
    known: tuple[Diagnostic, ...] = ()
    baseline: str = ""
    gone: int = 0
    sources: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

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
    def suppressed(self) -> int:
        """How many findings are suppressed."""
        return sum(len(file.suppressed) for file in self.files)

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
        return OK if self.checked or self.ignored else NOTHING_CHECKED


def check_paths(
    paths: tuple[str, ...],
    index: Index,
    settings: Settings,
    nearest: Finder | None = None,
    force_exclude: bool = False,
    beside: Sequence[Program] = (),
) -> Report:
    """Check files and what lies below directories, each under the settings that `nearest` finds for its directory.

    `settings` are those of the run as a whole. What was named is checked although it is excluded; with `force_exclude`
    a tool named it, and named files are looked at as those met on a walk. The programs `beside` us add their findings.
    Raises ConfigError before anything is checked.
    """
    started = time.perf_counter()
    plans = Plans(index, settings, nearest)
    candidates = list(_wanted(discover(paths), plans, force_exclude))
    if included := _included(paths, plans):
        seen = {os.path.abspath(each.path) for each in candidates}
        more = (each for each in discover(included) if os.path.abspath(each.path) not in seen)
        candidates += _wanted((each._replace(named=False) for each in more), plans, force_exclude)
    look = partial(_look_on_disk, plans=plans, hashed=settings.line_hashes)
    report = _report(plans, candidates, in_order(look, candidates), started, beside)
    if settings.suppressions and any(each.settings.waivers for each in plans.all):
        from cilint.engine.waivers import judged

        return judged(report, plans, candidates, paths)
    return report


def _wanted(found: Iterable[Candidate], plans: Plans, force_exclude: bool) -> Iterator[Candidate]:
    """The files that no configuration excludes, and those that the user named."""
    for each in found:
        named = each.named and not force_exclude
        if not plans.of(each.path).excludes(each.path) or named:
            yield each._replace(named=named)


def _included(paths: tuple[str, ...], plans: Plans) -> tuple[str, ...]:
    """What the configurations met so far include below the directories of a run, as it would be named there."""
    found = dict.fromkeys(path for each in plans.all for path in each.settings.include)
    return tuple(
        os.path.normpath(os.path.join(top, os.path.relpath(path, top)))
        for path in found
        for top in paths
        if os.path.isdir(top) and os.path.exists(path) and path.startswith(os.path.join(os.path.abspath(top), ""))
    )


def check_text(
    path: str,
    data: bytes,
    index: Index,
    settings: Settings,
    tree: Tree | None = None,
    nearest: Finder | None = None,
    beside: Sequence[Program] = (),
) -> Report:
    """Check one text as if it were the file at `path`; `tree` is what lies around it, nothing by default, and
    `nearest` finds its settings, those of the run by default."""
    started = time.perf_counter()
    plans = Plans(index, settings, nearest)
    candidate = Candidate(path, True)
    result = _look(candidate, data, plans.of(path), tree or EmptyTree(), settings.line_hashes)
    return _report(plans, [candidate], [result], started, beside, data)


def shown(path: str) -> str:
    """A path as reports have it: with forward slashes, and in one printable line whatever bytes its name has."""
    path = path.replace(os.sep, "/").removeprefix("./")
    return _UNPRINTABLE.sub(lambda match: "".join(f"\\x{byte:02x}" for byte in os.fsencode(match[0])), path)


def _look_on_disk(candidate: Candidate, plans: Plans, hashed: bool) -> FileResult | Unread:
    if candidate.problem:
        return Unread(shown(candidate.path), candidate.problem)
    plan = plans.of(candidate.path)
    if is_terraform(candidate.path):
        return _look(candidate, b"", plan, EmptyTree(), hashed)
    try:
        data = _read(candidate.path)
    except OSError as error:
        return Unread(shown(candidate.path), error.strerror or str(error))
    return _look(candidate, data, plan, DiskTree(os.path.dirname(candidate.path)), hashed)


def _look(candidate: Candidate, data: bytes, plan: Plan, tree: Tree, hashed: bool) -> FileResult:
    """The result of one file. One that was only met on a walk is parsed when its bytes could be ours."""
    path = shown(candidate.path)
    if is_terraform(path):
        return FileResult(path, "terraform", False)
    if not candidate.named and (len(data) > MAX_BYTES or not may_be_ours(path, data)):
        return FileResult(path, "", False)
    if is_binary(data):
        return FileResult(path, "binary", False)
    result = analyze(
        path,
        data,
        plan.rules_at(candidate.path),
        tree,
        plan.options,
        plan.settings.known,
        plan.waivers_at(candidate.path),
    )
    if is_templated(path) and result.kind != "template" and (candidate.named or result.kind):
        return FileResult(path, "templated", False)
    if hashed and (result.diagnostics or result.suppressions):
        places = [each.place for each in result.diagnostics] + [each.place for each in result.suppressions]
        last = max((each.line for each in places if each is not None), default=0)
        return result._replace(line_hashes=line_hashes(data, last))
    return result


def _read(path: str) -> bytes:
    """The bytes of a file, no more than it takes to see that it is too large. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        blocks = [os.read(descriptor, _BLOCK)]
        size = len(blocks[0])
        while blocks[-1] and size <= MAX_BYTES:
            blocks.append(os.read(descriptor, _BLOCK))
            size += len(blocks[-1])
    finally:
        os.close(descriptor)
    return b"".join(blocks)


def _joined(
    candidates: Iterable[Candidate],
    results: Iterable[FileResult | Unread],
    beside: Iterable[Program],
    data: bytes | None,
) -> Joined:
    """What the other programs say about the files of a run; `data` is the one text that is on no disk."""
    from cilint.engine.beside import File, Joined

    seen = zip(candidates, results, strict=True)
    files = [File(each.path, result, data) for each, result in seen if isinstance(result, FileResult)]
    return Joined(tuple(program(files) for program in beside))


def _with_others(
    result: FileResult, candidate: Candidate, plan: Plan, joined: Joined, data: bytes | None
) -> FileResult:
    """The settled result of a file with what other programs say about it."""
    more = joined.into(result, lambda rule: plan.hears(rule, candidate.path))
    settled = plan.settled(more, candidate.path, joined.rules, joined.programs(result.path))
    last = max((each.place.line for each in more.diagnostics), default=0)
    if not plan.settings.line_hashes or last <= len(settled.line_hashes):
        return settled
    try:
        return settled._replace(line_hashes=line_hashes(_read(candidate.path) if data is None else data, last))
    except OSError:  # the file went away while the other program ran
        return settled


def _report(
    plans: Plans,
    candidates: Sequence[Candidate],
    results: Sequence[FileResult | Unread],
    started: float,
    beside: Sequence[Program] = (),
    data: bytes | None = None,
) -> Report:
    settings = plans.run.settings
    joined = _joined(candidates, results, beside, data) if beside else None
    files: list[FileResult] = []
    unread: list[Unread] = []
    ignored: list[str] = []
    diagnostics: list[Diagnostic] = []
    for candidate, result in zip(candidates, results, strict=True):
        if isinstance(result, Unread):
            unread.append(result)
            continue
        if candidate.named and not result.checked:
            ignored.append(result.path)
        if result.kind or result.diagnostics:
            plan = plans.of(candidate.path)
            if joined is None:
                files.append(plan.settled(result, candidate.path))
            else:
                files.append(_with_others(result, candidate, plan, joined, data))
            diagnostics.extend(reported(files[-1].diagnostics, plan.settings))
    seconds = time.perf_counter() - started
    return Report(
        tuple(files),
        tuple(diagnostics),
        plans.rules + (joined.rules if joined else ()),
        settings,
        seconds,
        tuple(unread),
        tuple(ignored),
        sources=plans.sources,
        notices=tuple(_remarks(plans, files)),
    )


def _remarks(plans: Plans, files: list[FileResult]) -> Iterator[str]:
    """What the owner of the configurations and suppressions should know about them, each thing once."""
    yield from dict.fromkeys(remark for each in plans.all for remark in each.settings.remarks)
    renamed = plans.index.renamed
    for file in files if renamed else ():
        for each in file.suppressions:
            for word in each.rules:
                if word in renamed and each.place:
                    yield f"{file.path}:{each.place.line}: `{word}` is called `{renamed[word]}` now"

"""What `cilint check` does once it is known what was asked for. How options are spelled is `check.py`'s."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from cilint.cli.book import open_book, refuse
from cilint.cli.output import Output, OutputError, outputs, progress, save, show
from cilint.cli.settings import (
    UNSAID,
    base_of,
    configurations,
    named_plugins,
    programs,
    refuse_unloaded,
    run_directory,
    settings_at,
    warn_of_near_misses,
)
from cilint.engine.config import ConfigError, Configurations, find_baseline
from cilint.engine.index import Index
from cilint.engine.neighbourhood import DiskTree
from cilint.engine.plan import plan
from cilint.engine.run import FINDINGS, NOTHING_CHECKED, Report, check_paths, check_text, shown
from cilint.engine.settings import Settings
from cilint.source.record import NamedTuple

if TYPE_CHECKING:
    from cilint.engine.beside import Program


class Request(NamedTuple):
    """What one `cilint check` was asked for, a field for each option; `options` are those that say which rules run."""

    paths: tuple[str, ...] = ()
    exit_zero: bool = False
    output_format: str = "text"
    output_files: tuple[str, ...] = ()
    statistics: bool = False
    color: str = "auto"
    fix: bool = False
    fix_only: bool = False
    diff: bool = False
    unsafe_fixes: bool = False
    add_ignores: bool = False
    reason: str | None = None
    until: str | None = None
    stdin_filename: str | None = None
    show_files: bool = False
    show_settings: bool = False
    force_exclude: bool = False
    baseline: str | None = None
    no_baseline: bool = False
    base: str | None = None
    cfn_lint: bool | None = None
    shellcheck: bool | None = None
    plugins: tuple[str, ...] = ()
    options: Mapping[str, Any] = UNSAID


class _Run(NamedTuple):
    """A request with what holds for it: rules, configurations, the programs beside cilint, the baseline's file."""

    request: Request
    book: Index
    found: Configurations
    settings: Settings
    beside: tuple[Program, ...]
    known: str

    def report(self, piped: bytes | None) -> Report:
        """Check the paths, or the text that was piped in."""
        if piped is not None:
            name = self.request.stdin_filename
            around = DiskTree(os.path.dirname(name)) if name else None
            report = check_text(name or "stdin.yml", piped, self.book, self.settings, around, beside=self.beside)
            return self.new_only(report)
        request = self.request
        try:
            with progress(sys.stderr):
                paths = request.paths or (".",)
                return self.new_only(
                    check_paths(paths, self.book, self.settings, self.found.of, request.force_exclude, self.beside)
                )
        except ConfigError as error:
            refuse(str(error))

    def new_only(self, report: Report) -> Report:
        """The report without what the baseline knows."""
        if not self.known:
            return report
        from cilint.engine.baseline import BaselineError, load, new_only

        try:
            return new_only(report, load(self.known), self.known)
        except BaselineError as error:
            refuse(str(error))


def check(request: Request) -> NoReturn:
    """Do what was asked for, and exit as `cilint check --help` says."""
    _refuse_contradictions(request)
    files = _outputs(request)
    run = _prepared(request, files)
    piped = sys.stdin.buffer.read() if request.paths == ("-",) else None
    report = run.report(piped)
    if request.show_files:
        _list_files(report)
    if request.add_ignores:
        from cilint.cli import ignores

        ignores.add(report, run.book, run.found.of, request.reason or "", request.until or "")
    changing = request.fix or request.fix_only or request.diff
    if changing:
        report = _fixed(run, report, piped)
    report = _noticed(report, request.base)
    name = "statistics" if request.statistics else request.output_format
    show(report, name, request.color, sys.stderr if request.fix and piped is not None else None)
    for each in files:
        try:
            save(report, each)
        except OSError as error:
            refuse(f"cannot write {each.path}: {error.strerror or error}")
    sys.exit(_exit_code(request, report))


def _prepared(request: Request, files: tuple[Output, ...]) -> _Run:
    directory = _directory(request)
    plugins = (*request.plugins, *named_plugins(request.options, directory))
    index = open_book(plugins)
    hashes = "sarif" in (request.output_format, *(each.format for each in files))
    found = configurations(index, Settings(line_hashes=hashes), request.options)
    settings = settings_at(found, directory)
    refuse_unloaded(settings, tuple(os.path.abspath(each) for each in plugins))
    if request.show_settings:
        _show_settings(found, request.paths, directory)
    isolated = request.options["isolated"]
    if not (isolated or found.asked.file):
        warn_of_near_misses(directory)
    if request.show_files:
        index = Index(())
    alone = request.show_files or request.add_ignores
    beside = () if alone else programs(settings, request.cfn_lint, request.shellcheck)
    unknowing = request.no_baseline or request.show_files
    known = "" if unknowing else request.baseline or find_baseline(settings, directory, isolated)
    return _Run(request, index, found, settings, beside, known)


def _directory(request: Request) -> str:
    """The directory whose configuration is that of the run as a whole."""
    if request.stdin_filename:
        return run_directory((request.stdin_filename,))
    return run_directory(() if request.paths == ("-",) else request.paths)


def _fixed(run: _Run, report: Report, piped: bytes | None) -> Report:
    """The report after the fixes; ends the command where nothing more is to be reported."""
    from cilint.cli import fixing

    request = run.request
    terms = fixing.Terms(run.book, run.settings, run.found.of, run.new_only)
    outcomes = fixing.fixed(report, terms, request.unsafe_fixes, piped)
    if request.diff:
        fixing.show_diff(outcomes)
    else:
        piped, outcomes = fixing.written(outcomes, piped)
        if fixing.changes_configuration(outcomes):
            found = configurations(run.book, run.found.base, request.options)
            run = run._replace(found=found, settings=settings_at(found, _directory(request)))
        report = run.report(piped)
    fixing.say(outcomes, report, request.unsafe_fixes, would=request.diff)
    if request.diff or request.fix_only:
        sys.exit(fixing.exit_code(outcomes, request.diff))
    return report


def _exit_code(request: Request, report: Report) -> int:
    passed: tuple[int, ...] = (FINDINGS,) if request.exit_zero else ()
    if request.force_exclude:  # a tool such as pre-commit gives what was changed, of which nothing need be ours
        passed += (NOTHING_CHECKED,)
    return 0 if report.exit_code in passed else report.exit_code


def _outputs(request: Request) -> tuple[Output, ...]:
    try:
        return outputs(request.output_files)
    except OutputError as error:
        refuse(str(error))


def _refuse_contradictions(request: Request) -> None:
    _refuse_paths(request.paths, request.stdin_filename)
    if request.unsafe_fixes and not (request.fix or request.fix_only or request.diff):
        refuse("--unsafe-fixes says which fixes to apply; give --fix, --fix-only or --diff with it")
    if request.statistics and request.output_format not in ("text", "concise"):
        refuse(f"--statistics is a report for people; leave out --format {request.output_format}")
    _refuse_ignores(request.add_ignores, request.reason, request.until, request.paths)


def _refuse_paths(paths: tuple[str, ...], stdin_filename: str | None) -> None:
    if "-" in paths and len(paths) > 1:
        refuse("standard input (-) cannot be checked together with other paths")
    if stdin_filename is not None and paths != ("-",):
        refuse("--stdin-filename names the text on standard input; give - as the path")
    for path in paths:
        if path != "-" and not os.path.lexists(path):
            refuse(f"{shown(path)}: no such file or directory")


def _refuse_ignores(add_ignores: bool, reason: str | None, until: str | None, paths: tuple[str, ...]) -> None:
    if (reason is not None or until is not None) and not add_ignores:
        refuse("--reason and --until go with --add-ignores")
    if add_ignores:
        from cilint.engine.tables import is_date

        if not (reason or "").strip():
            refuse("--add-ignores wants to know why: give --reason TEXT")
        if until is not None and not (len(until) == len("2027-01-31") and is_date(until)):
            refuse(f"--until {until!r} is no day; write YYYY-MM-DD")
        if paths == ("-",):
            refuse("--add-ignores writes into files; it cannot write into standard input")


def _list_files(report: Report) -> NoReturn:
    from cilint.report.files import render

    sys.stdout.write(render(report))
    sys.stdout.flush()
    sys.exit(NOTHING_CHECKED if report.exit_code == NOTHING_CHECKED else 0)


def _noticed(report: Report, base: str | None) -> Report:
    """The report with what the change could silence. A base that only the environment names may be out of reach."""
    against = base or base_of(os.environ)
    if not against:
        return report
    from cilint.engine.change import ChangeError, noticed

    try:
        return noticed(report, against)
    except ChangeError as error:
        if base:
            refuse(str(error))
        remark = f"whether this change alters what this run obeys cannot be told: {error}"
        return report._replace(notices=(*report.notices, remark))


def _show_settings(found: Configurations, paths: tuple[str, ...], directory: str) -> NoReturn:
    from cilint.report.settings import render

    for path in paths or (directory,):
        settings = settings_at(found, path if os.path.isdir(path) else os.path.dirname(path))
        rules = plan(found.index, settings).rules_at(path)
        sys.stdout.write(render(settings, rules, os.path.relpath(path)))
    sys.stdout.flush()
    sys.exit(0)

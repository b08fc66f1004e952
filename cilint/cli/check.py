"""`cilint check`: the main job."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

import click

from cilint.cli.book import open_book, plugin_option, refuse
from cilint.cli.options import (
    base_of,
    configurations,
    named_plugins,
    programs,
    refuse_unloaded,
    run_directory,
    settings_at,
    warn_of_near_misses,
    with_settings,
)
from cilint.cli.output import COLOURS, FORMATS, OutputError, outputs, progress, save, show
from cilint.engine.config import ConfigError, Configurations, find_baseline
from cilint.engine.index import Index
from cilint.engine.neighbourhood import DiskTree
from cilint.engine.plan import plan
from cilint.engine.run import FINDINGS, NOTHING_CHECKED, Report, check_paths, check_text, shown
from cilint.engine.settings import Settings


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path())
@with_settings
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--format", "output_format", type=click.Choice(FORMATS), default="text", help="How to report.")
@click.option(
    "--output",
    "output_files",
    multiple=True,
    metavar="[FORMAT=]FILE",
    help="Write the report to this file too, in the format of its ending (.sarif, .json, .xml, .md, .txt) or as named.",
)
@click.option("--statistics", is_flag=True, help="Count the findings of each rule instead of showing them.")
@click.option("--color", type=click.Choice(COLOURS), default="auto", help="Colour the text report.")
@click.option("--fix", is_flag=True, help="Write the safe fixes into the files, and report what is left.")
@click.option("--fix-only", is_flag=True, help="Write the fixes and report nothing.")
@click.option("--diff", is_flag=True, help="Print what --fix would change and write nothing; exit with 1 if anything.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply fixes, too, that change what happens today.")
@click.option("--add-ignores", is_flag=True, help="Write a suppression for each finding into the files.")
@click.option("--reason", metavar="TEXT", help="Why --add-ignores may suppress them; it is written behind each.")
@click.option("--until", metavar="YYYY-MM-DD", help="The last day on which these suppressions hold.")
@click.option("--stdin-filename", metavar="PATH", help="The name of the text on standard input (PATHS is `-`).")
@click.option("--show-files", is_flag=True, help="Print which files would be checked and as what, and run no rule.")
@click.option("--show-settings", is_flag=True, help="Print the settings that hold for PATHS, and run no rule.")
@click.option("--baseline", metavar="FILE", help="Report only what this file of `cilint baseline` does not know.")
@click.option("--no-baseline", is_flag=True, help="Report what the baseline knows, too.")
@click.option(
    "--base", metavar="REF", help="The branch or commit before the change: say what in it could silence this run."
)
@click.option(
    "--force-exclude", is_flag=True, help="PATHS come from a tool: pass over what is excluded or none of ours."
)
@click.option("--cfn-lint/--no-cfn-lint", default=None, help="Run cfn-lint over the templates, and report here.")
@click.option("--shellcheck/--no-shellcheck", default=None, help="Run shellcheck over the commands, and report here.")
@plugin_option
def command(
    paths: tuple[str, ...],
    exit_zero: bool,
    output_format: str,
    output_files: tuple[str, ...],
    statistics: bool,
    color: str,
    fix: bool,
    fix_only: bool,
    diff: bool,
    unsafe_fixes: bool,
    add_ignores: bool,
    reason: str | None,
    until: str | None,
    stdin_filename: str | None,
    show_files: bool,
    show_settings: bool,
    force_exclude: bool,
    baseline: str | None,
    no_baseline: bool,
    base: str | None,
    cfn_lint: bool | None,
    shellcheck: bool | None,
    plugins: tuple[str, ...],
    **options: Any,
) -> None:
    """Check PATHS: files, directories (default: the current one), or - for standard input.

    Exit code: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage, 3 nothing to check, 4 a rule crashed.
    """
    _refuse_paths(paths, stdin_filename)
    if unsafe_fixes and not (fix or fix_only or diff):
        refuse("--unsafe-fixes says which fixes to apply; give --fix, --fix-only or --diff with it")
    if statistics and output_format not in ("text", "concise"):
        refuse(f"--statistics is a report for people; leave out --format {output_format}")
    _refuse_ignores(add_ignores, reason, until, paths)
    directory = run_directory((stdin_filename,) if stdin_filename else () if paths == ("-",) else paths)
    plugins = (*plugins, *named_plugins(options, directory))
    index = open_book(plugins)
    try:
        files = outputs(output_files)
    except OutputError as error:
        refuse(str(error))
    defaults = Settings(line_hashes="sarif" in (output_format, *(each.format for each in files)))
    found = configurations(index, defaults, options)
    settings = settings_at(found, directory)
    refuse_unloaded(settings, tuple(os.path.abspath(each) for each in plugins))
    if show_settings:
        _show_settings(found, paths, directory)
    if not (options["isolated"] or found.asked.file):
        warn_of_near_misses(directory)
    if show_files:
        index = Index(())
    beside = () if show_files or add_ignores else programs(settings, cfn_lint, shellcheck)
    known = "" if no_baseline or show_files else baseline or find_baseline(settings, directory, options["isolated"])
    piped = sys.stdin.buffer.read() if paths == ("-",) else None

    def run(content: bytes | None) -> Report:
        if content is not None:
            around = DiskTree(os.path.dirname(stdin_filename)) if stdin_filename else None
            found_in = check_text(stdin_filename or "stdin.yml", content, index, settings, around, beside=beside)
            return _new_only(found_in, known)
        try:
            with progress(sys.stderr):
                report = check_paths(paths or (".",), index, settings, found.of, force_exclude, beside)
                return _new_only(report, known)
        except ConfigError as error:
            refuse(str(error))

    report = run(piped)
    if show_files:
        _list_files(report)
    if add_ignores:
        from cilint.cli import ignores

        ignores.add(report, index, found.of, reason or "", until or "")
    if fix or fix_only or diff:
        from cilint.cli import fixing

        terms = fixing.Terms(index, settings, found.of, lambda each: _new_only(each, known))
        outcomes = fixing.fixed(report, terms, unsafe_fixes, piped)
        if diff:
            fixing.show_diff(outcomes)
        else:
            piped, outcomes = fixing.written(outcomes, piped)
            report = run(piped)
        fixing.say(outcomes, report, unsafe_fixes, would=diff)
        if diff or fix_only:
            sys.exit(fixing.exit_code(outcomes, diff))
    report = _noticed(report, base)
    show(
        report, "statistics" if statistics else output_format, color, sys.stderr if fix and piped is not None else None
    )
    for each in files:
        try:
            save(report, each)
        except OSError as error:
            refuse(f"cannot write {each.path}: {error.strerror or error}")
    passed: tuple[int, ...] = (FINDINGS,) if exit_zero else ()
    if force_exclude:  # a tool such as pre-commit gives what was changed, of which nothing need be ours
        passed += (NOTHING_CHECKED,)
    sys.exit(0 if report.exit_code in passed else report.exit_code)


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
        return report._replace(notices=(f"whether this change alters what this run obeys cannot be told: {error}",))


def _new_only(report: Report, path: str) -> Report:
    if not path:
        return report
    from cilint.engine.baseline import BaselineError, load, new_only

    try:
        return new_only(report, load(path), path)
    except BaselineError as error:
        refuse(str(error))


def _show_settings(found: Configurations, paths: tuple[str, ...], directory: str) -> NoReturn:
    from cilint.report.settings import render

    for path in paths or (directory,):
        settings = settings_at(found, path if os.path.isdir(path) else os.path.dirname(path))
        rules = plan(found.index, settings).rules_at(path)
        sys.stdout.write(render(settings, rules, os.path.relpath(path)))
    sys.stdout.flush()
    sys.exit(0)

"""`cilint baseline`: making, renewing, shrinking and showing the file of known findings."""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import Any

import click

from cilint.cli.book import open_book, refuse
from cilint.cli.options import plugin_option, with_settings
from cilint.cli.output import progress
from cilint.cli.settings import configurations, programs, run_directory, settings_at
from cilint.engine import baseline
from cilint.engine.baseline import Baseline, BaselineError, Comparison
from cilint.engine.config import BASELINE, ConfigError, find_baseline
from cilint.engine.project import project_root
from cilint.engine.run import FINDINGS, OK, Report, check_paths
from cilint.engine.settings import Settings

_FILE = click.option("--baseline", "file", metavar="FILE", help="The baseline (default: the configuration's).")
_PATHS = click.argument("paths", nargs=-1, type=click.Path(exists=True))


@click.group("baseline")
def command() -> None:
    """Keep the findings that a project has today, so that `cilint check` reports new ones only."""


@command.command("create")
@_PATHS
@_FILE
@click.option("--force", is_flag=True, help="Write over a baseline that is there.")
@with_settings
@plugin_option
def create(paths: tuple[str, ...], file: str | None, force: bool, plugins: tuple[str, ...], **options: Any) -> None:
    """Write all findings of PATHS into a new baseline."""
    path, report = _checked(paths, file, plugins, options)
    if os.path.exists(path) and not force:
        refuse(f"{_shown(path)} is there; renew it with `cilint baseline update`, or write over it with --force")
    found = baseline.of(report, path)
    _write(path, found)
    click.echo(f"{_shown(path)} knows {_counted(found)}")


@command.command("update")
@_PATHS
@_FILE
@with_settings
@plugin_option
def update(paths: tuple[str, ...], file: str | None, plugins: tuple[str, ...], **options: Any) -> None:
    """Take in what is new in PATHS, and out what is gone."""
    path, report = _checked(paths, file, plugins, options)
    known = _load(path)
    compared = baseline.compare(report, known, path)
    _write(path, _without_moved(known, compared, path) + _identities(compared.new, path))
    click.echo(f"{_shown(path)}: {len(compared.new)} added, {sum(compared.gone.values())} gone")


@command.command("prune")
@_PATHS
@_FILE
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when there is something to forget.")
@with_settings
@plugin_option
def prune(paths: tuple[str, ...], file: str | None, check: bool, plugins: tuple[str, ...], **options: Any) -> None:
    """Forget what is no more found in PATHS; add nothing."""
    path, report = _checked(paths, file, plugins, options)
    known = _load(path)
    compared = baseline.compare(report, known, path)
    if not check:
        _write(path, _without_moved(known, compared, path))
    click.echo(f"{_shown(path)}: {sum(compared.gone.values())} gone, {len(compared.known)} still there")
    sys.exit(FINDINGS if check and compared.gone else OK)


@command.command("show")
@_FILE
@with_settings
@plugin_option
def show(file: str | None, plugins: tuple[str, ...], **options: Any) -> None:
    """Print what the baseline knows, most frequent rules first."""
    book = open_book(plugins)
    path = _path(settings_at(configurations(book, Settings(), options), os.getcwd()), file, os.getcwd())
    known = _load(path)
    rules: Counter[str] = Counter()
    for who, count in known.items():
        rules[who.rule] += count
    click.echo(f"{_shown(path)} knows {_counted(known)}")
    for id, count in sorted(rules.items(), key=lambda item: (-item[1], item[0])):
        rule = book.by_name(id)
        click.echo(f"\n{id} {rule.name if rule else '(no such rule)'}: {count}")
        for who in sorted(each for each in known if each.rule == id):
            times = f"  ({known[who]} times)" if known[who] > 1 else ""
            click.echo(f"  {who.path}: {who.at or 'the file'}{times}")


def _checked(
    paths: tuple[str, ...], file: str | None, plugins: tuple[str, ...], options: dict[str, Any]
) -> tuple[str, Report]:
    """The path of the baseline, and the report of all findings of PATHS, known ones included."""
    book = open_book(plugins)
    found = configurations(book, Settings(), options)
    directory = run_directory(paths)
    settings = settings_at(found, directory)
    try:
        with progress(sys.stderr):
            report = check_paths(paths or (".",), book, settings, found.of, beside=programs(settings))
    except ConfigError as error:
        refuse(str(error))
    return _path(settings, file, directory), report


def _path(settings: Settings, file: str | None, directory: str) -> str:
    if file:
        return os.path.abspath(file)
    beside = [os.path.dirname(os.path.abspath(source)) for source in settings.sources[-1:]]
    return find_baseline(settings, directory) or os.path.join((*beside, project_root(directory))[0], BASELINE)


def _identities(findings: tuple[Any, ...], path: str) -> Baseline:
    root = os.path.dirname(os.path.abspath(path))
    return Counter(baseline.identity(each, root) for each in findings if each.rule != baseline.NEVER)


def _without_moved(known: Baseline, compared: Comparison, path: str) -> Baseline:
    """What is known without what is gone, and moved findings where they are now."""
    now = _identities(compared.known, path)
    unseen = Counter({who: count for who, count in (known - compared.gone).items() if who not in now})
    root = os.path.dirname(os.path.abspath(path))
    there = Counter({who: count for who, count in unseen.items() if os.path.exists(os.path.join(root, who.path))})
    return now + there


def _load(path: str) -> Baseline:
    try:
        return baseline.load(path)
    except BaselineError as error:
        refuse(str(error))


def _write(path: str, known: Baseline) -> None:
    from cilint.report.write import write

    try:
        write(path, baseline.written(known))
    except OSError as error:
        refuse(f"cannot write {_shown(path)}: {error.strerror or error}")


def _shown(path: str) -> str:
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative


def _counted(known: Baseline) -> str:
    total = sum(known.values())
    return f"{total} finding{'' if total == 1 else 's'} in {_files(known)}"


def _files(known: Baseline) -> str:
    count = len({each.path for each in known})
    return f"{count} file{'' if count == 1 else 's'}"

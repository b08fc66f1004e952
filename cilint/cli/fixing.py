"""`cilint check` with `--fix`, `--fix-only` or `--diff`: which files are fixed, how they are written, what is said.

Which fixes hold is `cilint.engine.fixing`'s to tell.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator

from cilint.catalog.secrets import conceal_lines
from cilint.engine.config import Finder
from cilint.engine.fixing import Fixed, fix
from cilint.engine.index import Index
from cilint.engine.neighbourhood import DiskTree
from cilint.engine.result import Diagnostic, FileResult
from cilint.engine.run import FINDINGS, OK, USAGE, Report, check_text
from cilint.engine.settings import Settings
from cilint.report.write import write
from cilint.source.record import NamedTuple
from cilint.source.text import decode


class Outcome(NamedTuple):
    """What became of one file: its bytes before, and after its fixes; `problem` is why they could not be written."""

    path: str
    before: bytes
    fixed: Fixed
    problem: str = ""

    @property
    def changed(self) -> bool:
        return self.fixed.data != self.before


class Terms(NamedTuple):
    """What a run checks with: `nearest` finds the settings of a directory, `settings` are those of the run, and
    `reported` leaves of a report what is to be told, so that nothing else is fixed."""

    rules: Index
    settings: Settings
    nearest: Finder
    reported: Callable[[Report], Report]


def fixed(report: Report, terms: Terms, unsafe: bool, piped: bytes | None = None) -> tuple[Outcome, ...]:
    """The files of a report that have fixes, fixed in memory; `piped` is the text that came on standard input."""
    paths = dict.fromkeys(each.place.path for each in report.diagnostics if each.fix)
    return tuple(
        _fixed_configuration(path, report) if _is_configuration(path) else _fixed(path, terms, unsafe, piped)
        for path in paths
    )


def _is_configuration(path: str) -> bool:
    return path.endswith(".toml")


def changes_configuration(outcomes: tuple[Outcome, ...]) -> bool:
    """Whether what a run obeys is among the files that were changed."""
    return any(each.changed and _is_configuration(each.path) for each in outcomes)


def _fixed_configuration(path: str, report: Report) -> Outcome:
    """A configuration without the suppressions that a whole run found to be of no use; all go in together."""
    from cilint.engine.waivers import mended

    wanted = tuple(each for each in report.diagnostics if each.place.path == path and each.fix)
    try:
        data = _read(path)
    except OSError as error:
        return Outcome(path, b"", Fixed(b""), error.strerror or str(error))
    new = mended(data, wanted)
    return Outcome(path, data, Fixed(new, wanted) if new != data else Fixed(data, (), wanted))


def _fixed(path: str, terms: Terms, unsafe: bool, piped: bytes | None) -> Outcome:
    try:
        data = _read(path) if piped is None else piped
    except OSError as error:
        return Outcome(path, b"", Fixed(b""), error.strerror or str(error))
    around = DiskTree(os.path.dirname(path))

    def check(content: bytes) -> FileResult:
        nearest = terms.nearest if piped is None else None
        found = terms.reported(check_text(path, content, terms.rules, terms.settings, around, nearest))
        kind = found.files[0].kind if found.files else ""
        return FileResult(path, kind, bool(kind), found.diagnostics, found.crashed)

    return Outcome(path, data, fix(path, data, check, unsafe))


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def written(outcomes: tuple[Outcome, ...], piped: bytes | None) -> tuple[bytes | None, tuple[Outcome, ...]]:
    """Write the changed files, each in one step, and only where a file still is what was checked.

    What came on standard input goes, fixed or not, to standard output, and is given back.
    """
    if piped is None:
        return None, tuple(
            each._replace(problem=each.problem or _write(each)) if each.changed else each for each in outcomes
        )
    for each in outcomes:
        piped = each.fixed.data
    sys.stdout.buffer.write(piped)
    sys.stdout.flush()
    return piped, outcomes


def _write(each: Outcome) -> str:
    try:
        if _read(each.path) != each.before:
            return "it has changed meanwhile"
        if not os.access(each.path, os.W_OK):
            return "it is not writable"
        write(each.path, each.fixed.data)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def show_diff(outcomes: tuple[Outcome, ...]) -> None:
    """Print what the fixes would change, as a patch for `patch -p0` and `git apply -p0`.

    Secrets in it are stars, so that they stay out of logs; such a patch does not apply, which is said.
    """
    for each in outcomes:
        if not each.changed:
            continue
        lines = list(diff(each.path, each.before, each.fixed.data))
        shown = _concealed(lines)
        sys.stdout.buffer.write(b"".join(shown))
        if shown != lines:
            sys.stderr.write(f"cilint: {each.path}: the patch shows stars for secrets and does not apply; use --fix\n")
    sys.stdout.flush()


def _concealed(lines: list[bytes]) -> list[bytes]:
    texts = [line.decode("utf-8", "surrogateescape") for line in lines]
    return [line.encode("utf-8", "surrogateescape") for line in conceal_lines(texts)]


def diff(path: str, before: bytes, after: bytes) -> Iterator[bytes]:
    """A unified diff in bytes, so that it holds for line breaks and undecodable bytes as well."""
    from difflib import diff_bytes, unified_diff

    name = path.encode("utf-8", "replace")
    for line in diff_bytes(unified_diff, _lines(before), _lines(after), name, name):
        yield line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[bytes]:
    """The lines of a file; those of one in UTF-16 as UTF-8, as people can read them."""
    text = decode(data)
    if text.encoding != "utf-8":
        data = text.content.encode("utf-8", "replace")
    return [line + b"\n" for line in data.split(b"\n")[:-1]] + [line for line in data.split(b"\n")[-1:] if line]


def exit_code(outcomes: tuple[Outcome, ...], diff: bool) -> int:
    """2 where a file could not be fixed, 1 where a diff shows anything, else 0."""
    if any(each.problem for each in outcomes):
        return USAGE
    return FINDINGS if diff and any(each.changed for each in outcomes) else OK


def say(outcomes: tuple[Outcome, ...], report: Report, unsafe: bool, would: bool = False) -> None:
    """Say on standard error what was fixed, what only `--unsafe-fixes` would fix, and what could not be written."""
    for each in outcomes:
        if each.problem:
            sys.stderr.write(f"cilint: {each.path} is not fixed: {each.problem}\n")
        for refused in each.fixed.refused:
            place = f"{each.path}:{refused.place.line}"
            sys.stderr.write(
                f"cilint: {place}: the fix of {refused.id} would change more than it should; left as it is\n"
            )
    done = [each for each in outcomes if each.changed and not each.problem]
    count = sum(len(each.fixed.applied) for each in done)
    more = [] if unsafe else [each for each in report.diagnostics if _unsafe(each)]
    rest = f"; --unsafe-fixes would fix {_counted(len(more), 'more')}" if more else ""
    what = f"{_counted(count, 'finding')} in {_counted(len(done), 'file')}" if done else "nothing"
    sys.stderr.write(f"cilint: {'would fix' if would else 'fixed'} {what}{rest}\n")


def _unsafe(each: Diagnostic) -> bool:
    return each.fix is not None and each.fix.safety == "unsafe"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 or noun == 'more' else 's'}"

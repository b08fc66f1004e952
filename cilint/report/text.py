"""Findings for people: place, message, the source line with the span underlined, and a closing line that never lets
"nothing was checked" look like "all is well". `concise` is the same in one line a finding. Where lines are cut is
`excerpt`'s work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.engine.result import Diagnostic
from cilint.engine.run import WHY_IGNORED, Report
from cilint.report.excerpt import cut, inline

WIDTH: Final = 120

_COLOURS: Final = {"error": "1;31", "warning": "1;33", "note": "1;36", "path": "1", "dim": "2", "mark": "1;31"}


class Paint:
    """Colour, or none."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if self.on and text else text


def render(report: Report, colour: bool = False, concise: bool = False, width: int = WIDTH) -> str:
    """The whole report as text, with a final line break. Source lines are cut to `width` columns of a terminal.

    Nothing that a checked file holds reaches the terminal as a control character.
    """
    paint = Paint(colour)
    lines: list[str] = []
    for each in report.diagnostics:
        lines.append(_headline(each, paint))
        if not concise:
            lines.extend(_excerpt(each, paint, width))
            lines.extend(_notes(each, paint))
            lines.append("")
    for unread in report.unread:
        lines.append(f"{inline(unread.path)}: {paint('error', 'error')}: cannot be read: {inline(unread.reason)}")
    lines.extend(f"{inline(path)}: not checked: {_why_ignored(report, path)}" for path in report.ignored)
    lines.extend(closing(report))
    return "\n".join(lines) + "\n"


def closing(report: Report) -> Iterator[str]:
    """What was not looked at, and the closing line: what was found, in how many files."""
    if report.not_checked:
        yield "Not checked: " + ", ".join(
            f"{count} {kind} ({WHY_IGNORED.get(kind, 'no rules yet')})" for kind, count in report.not_checked.items()
        )
    yield from (f"Note: {inline(notice)}." for notice in report.notices)
    if report.gone:
        yield f"{_counted(report.gone, 'finding')} of the baseline gone; `cilint baseline prune` forgets what is mended"
    if not report.checked:
        yield "Nothing was checked: no file that cilint has rules for."
    shown = {each.place.path for each in report.diagnostics}
    files = len(shown.union(each.path for each in report.unread))
    errors = report.count("error") + len(report.unread)
    notes = report.count("note")
    yield (
        f"{_counted(errors, 'error')}, {_counted(report.count('warning'), 'warning')}"
        f"{', ' + _counted(notes, 'note') if notes else ''}"
        f" in {_counted(files, 'file')} ({report.checked} checked, {report.skipped} skipped, {report.seconds:.2f} s)"
        f"{f', {report.suppressed} suppressed' if report.suppressed else ''}"
        f"{f', {len(report.known)} known' if report.known else ''}"
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _headline(each: Diagnostic, paint: Paint) -> str:
    where = f"{inline(each.place.path)}:{each.place.line}:{each.place.column}"
    return (
        f"{paint('path', where)}: {paint(each.severity, each.severity)}: {inline(each.message)} "
        f"{paint('dim', f'[{each.called}]')}"
    )


def _excerpt(each: Diagnostic, paint: Paint, width: int) -> Iterator[str]:
    """The first line of the place with its span underlined."""
    if not each.lines or not each.lines[0].strip():
        return
    place, line = each.place, each.lines[0]
    longer = place.end_line > place.line
    end = len(line.rstrip()) if longer else place.end_column - 1
    number = str(place.line)
    gutter = f"  {number} | "
    last = place.end_line - (place.end_column == 1)
    onward = f" to line {last}" if longer and last > place.line else ""
    shown, before, marked = cut(line, place.column - 1, end, width - len(gutter) - len(onward))
    yield f"{paint('dim', gutter)}{shown}"
    yield f"{paint('dim', ' ' * (len(gutter) - 2) + '| ')}{' ' * before}{paint('mark', '^' * max(marked, 1) + onward)}"


def _notes(each: Diagnostic, paint: Paint) -> Iterator[str]:
    for note in each.related:
        where = f"{inline(note.place.path)}:{note.place.line}:{note.place.column}"
        yield paint("dim", f"  = {where}: {inline(note.message)}")
    if each.fix:
        yield paint("dim", f"  = fix ({each.fix.safety}): {inline(each.fix.title)}")


def _why_ignored(report: Report, path: str) -> str:
    kind = next((file.kind for file in report.files if file.path == path), "")
    return WHY_IGNORED.get(kind, f"{kind} files have no rules yet")

"""Findings for people: place, message, the source line with the span underlined, and a closing line that never lets
"nothing was checked" look like "all is well". `concise` is the same in one line a finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.engine.result import Diagnostic
from cilint.engine.run import Report

_COLOURS: Final = {"error": "1;31", "warning": "1;33", "note": "1;36", "path": "1", "dim": "2", "mark": "1;31"}
_TAB: Final = "    "


class Paint:
    """Colour, or none."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if self.on and text else text


def render(report: Report, colour: bool = False, concise: bool = False) -> str:
    """The whole report as text, with a final line break."""
    paint = Paint(colour)
    lines: list[str] = []
    for each in report.diagnostics:
        lines.append(_headline(each, paint))
        if not concise:
            lines.extend(_excerpt(each, paint))
            lines.extend(_notes(each, paint))
            lines.append("")
    lines.extend(f"{each.path}: error: cannot be read: {each.reason}" for each in report.unread)
    lines.extend(f"{path}: not checked: {_why_ignored(report, path)}" for path in report.ignored)
    lines.append(closing(report))
    return "\n".join(lines) + "\n"


def closing(report: Report) -> str:
    """The closing line: what was found, in how many files, and what was not looked at."""
    found = ", ".join(
        f"{count} {name}{'' if count == 1 else 's'}"
        for name in ("error", "warning", "note")
        if (count := report.count(name)) or name != "note"  # type: ignore[arg-type]
    )
    affected = len({each.place.path for each in report.diagnostics})
    skipped = sum(report.not_checked.values())
    details = ", ".join(f"{count} {kind}" for kind, count in report.not_checked.items())
    summary = (
        f"{found} in {affected} file{'' if affected == 1 else 's'} "
        f"({report.checked} checked, {skipped} not checked{': ' + details if details else ''}, {report.seconds:.2f} s)"
    )
    return summary if report.checked else f"Nothing was checked: no file that cilint has rules for. {summary}"


def _headline(each: Diagnostic, paint: Paint) -> str:
    where = f"{each.place.path}:{each.place.line}:{each.place.column}"
    return (
        f"{paint('path', where)}: {paint(each.severity, each.severity)}: {each.message} "
        f"{paint('dim', f'[{each.id} {each.rule}]')}"
    )


def _excerpt(each: Diagnostic, paint: Paint) -> Iterator[str]:
    """The first line of the place with its span underlined."""
    if not each.lines or not each.lines[0].strip():
        return
    line = each.lines[0]
    start = each.place.column - 1
    end = each.place.end_column - 1 if each.place.end_line == each.place.line else len(line.rstrip())
    number = str(each.place.line)
    margin = " " * len(number)
    before, marked = _expanded(line[:start]), _expanded(line[start:end])
    yield f"{paint('dim', f'  {number} |')} {_printable(_expanded(line))}"
    yield f"{paint('dim', f'  {margin} |')} {' ' * _width(before)}{paint('mark', '^' * max(_width(marked), 1))}"


def _notes(each: Diagnostic, paint: Paint) -> Iterator[str]:
    for note in each.related:
        yield paint("dim", f"  = {note.place.path}:{note.place.line}:{note.place.column}: {note.message}")
    if each.fix:
        yield paint("dim", f"  = fix ({each.fix.safety}): {each.fix.title}")


def _why_ignored(report: Report, path: str) -> str:
    kind = next((file.kind for file in report.files if file.path == path), "")
    return f"{kind} files have no rules yet" if kind else "its content is none of the kinds that cilint knows"


def _expanded(text: str) -> str:
    return text.replace("\t", _TAB)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _width(text: str) -> int:
    """Columns on a terminal: East Asian wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)

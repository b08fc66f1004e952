"""The report as Markdown: for the summary of a GitHub Actions step, and for comments on pull and merge requests.

A step's summary may have 1 MiB: of very many findings the gravest are shown, and how many are not.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from cilint.core.finding import SEVERITIES
from cilint.engine.result import Diagnostic
from cilint.engine.run import Report
from cilint.report.identity import Identities
from cilint.report.text import closing

MAX_ROWS: Final = 500
_MARKS: Final = {"error": "❌ error", "warning": "⚠️ warning", "note": "💡 note"}
_SPECIAL: Final = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]<>#|~!"})
_BREAKS: Final = str.maketrans("\r\n\t", "   ")


def render(report: Report) -> str:
    """A heading, a table with a row for each finding, and the closing line."""
    return "\n".join(_lines(report, Identities(os.getcwd()))) + "\n"


def _lines(report: Report, identities: Identities) -> Iterator[str]:
    yield "## cilint"
    yield ""
    ranked = sorted(report.diagnostics, key=lambda each: -SEVERITIES.index(each.severity))
    if ranked or report.unread:
        yield "| | Where | What | Rule |"
        yield "|---|---|---|---|"
        for unread in report.unread:
            path = _code(identities.path(unread.path))
            yield f"| {_MARKS['error']} | {path} | the file cannot be read: {_escaped(unread.reason)} | |"
        for each in ranked[:MAX_ROWS]:
            yield _row(each, identities.path(each.place.path))
        yield ""
    if len(ranked) > MAX_ROWS:
        yield f"{len(ranked) - MAX_ROWS} more findings are not shown."
        yield ""
    yield from (f"{_escaped(line)}  " for line in closing(report))


def _row(each: Diagnostic, path: str) -> str:
    fix = f" *Fix ({each.fix.safety}): {_escaped(each.fix.title)}.*" if each.fix else ""
    where = _code(f"{path}:{each.place.line}")
    return f"| {_MARKS[each.severity]} | {where} | {_message(each.message)}{fix} | {each.called} |"


def _message(message: str) -> str:
    """A message whose code between backticks stays code, and all else is text."""
    pieces = message.split("`")
    if len(pieces) % 2 == 0:
        return _escaped(message)
    return "".join(_code(piece) if number % 2 else _escaped(piece) for number, piece in enumerate(pieces))


def _code(text: str) -> str:
    """Code in a table's cell; a bar would end the cell even there."""
    text = text.translate(_BREAKS)
    if "|" in text or not text.strip():
        return f"<code>{_html(text)}</code>"
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}" if fence == "`" else f"{fence} {text} {fence}"


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "&#124;")


def _escaped(text: str) -> str:
    return text.translate(_BREAKS).replace("&", "&amp;").translate(_SPECIAL)

"""Reviewdog's diagnostic format, one object for the whole run: findings as comments of a review, fixes as suggestions.

Columns count bytes of UTF-8 and ends are one past the last (reviewdog, proto/rdf/reviewdog.proto).
"""

from __future__ import annotations

import json
import os
from typing import Any, Final

from cilint.engine.result import Diagnostic, Edit, Place
from cilint.engine.run import Report
from cilint.report.identity import Identities
from cilint.report.sarif import HOME

Object = dict[str, Any]

_SEVERITY: Final = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def render(report: Report) -> str:
    """The report. Paths are taken from the working directory."""
    identities = Identities(os.getcwd())
    unread = [_unread(identities.path(each.path), each.reason) for each in report.unread]
    value = {
        "source": {"name": "cilint", "url": HOME},
        "diagnostics": [*unread, *(_diagnostic(each, identities) for each in report.diagnostics)],
    }
    return json.dumps(value, indent=2) + "\n"


def _diagnostic(each: Diagnostic, identities: Identities) -> Object:
    value: Object = {
        "message": each.message,
        "location": {"path": identities.path(each.place.path), "range": _range(each.place, each.lines)},
        "severity": _SEVERITY[each.severity],
        "code": {"value": each.id},
    }
    edits = each.fix.edits if each.fix and not each.fix.secret else ()
    if edits and all(_known(edit) and edit.place.path == each.place.path for edit in edits):
        value["suggestions"] = [{"range": _range(edit.place, edit.lines), "text": edit.text} for edit in edits]
    return value


def _known(edit: Edit) -> bool:
    """Whether the lines of an edit are at hand, so that its columns are known in bytes."""
    place = edit.place
    return bool(edit.lines) and (place.end_line - place.line < len(edit.lines) or place.end_column == 1)


def _range(place: Place, lines: tuple[str, ...]) -> Object:
    """A range in bytes; of a long one, whose end is not at hand, the first line."""
    if not lines:
        return {"start": {"line": place.line}}
    start = {"line": place.line, "column": _bytes(lines[0], place.column)}
    below = place.end_line - place.line
    if below < len(lines):
        end = {"line": place.end_line, "column": _bytes(lines[below], place.end_column)}
    elif place.end_column == 1:
        end = {"line": place.end_line, "column": 1}
    else:
        end = {"line": place.line, "column": _bytes(lines[0], len(lines[0]) + 1)}
    return {"start": start, "end": end}


def _bytes(line: str, column: int) -> int:
    return len(line[: column - 1].encode("utf-8", "replace")) + 1


def _unread(path: str, reason: str) -> Object:
    return {"message": f"the file cannot be read: {reason}", "location": {"path": path}, "severity": "ERROR"}

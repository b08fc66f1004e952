"""The JSON report, version 1, as `schemas/report.schema.json` says, which `models` exports. Nothing heavy is imported.

Columns and offsets count code points; columns and lines start at 1, offsets at 0, ends are one past the last.
"""

from __future__ import annotations

import json
from typing import Any, Final

from cilint.engine.result import Diagnostic, Place, PlacedFix
from cilint.engine.run import Report
from cilint.version import __version__

VERSION: Final = 1

Object = dict[str, Any]


def render(report: Report) -> str:
    """The report as one JSON object, only ASCII, with a final line break."""
    return json.dumps(value(report), indent=2) + "\n"


def value(report: Report) -> Object:
    """The report as plain data."""
    categories = {rule.name: rule.category for rule in report.rules}
    return {
        "version": VERSION,
        "tool": {"name": "cilint", "version": __version__},
        "summary": {
            "errors": report.count("error"),
            "warnings": report.count("warning"),
            "notes": report.count("note"),
            "suppressed": report.suppressed,
            "known": len(report.known),
            "checked": report.checked,
            "skipped": report.skipped,
            "seconds": round(report.seconds, 3),
            "exit_code": report.exit_code,
        },
        "findings": [_finding(each, categories.get(each.rule, "")) for each in report.diagnostics],
        "files": [{"path": file.path, "kind": file.kind, "checked": file.checked} for file in report.files],
        "unread": [{"path": each.path, "reason": each.reason} for each in report.unread],
        "ignored": list(report.ignored),
        "notices": list(report.notices),
    }


def _finding(each: Diagnostic, category: str) -> Object:
    return {
        "id": each.id,
        "rule": each.rule,
        "category": category,
        "severity": each.severity,
        "confidence": each.confidence,
        "message": each.message,
        "place": _place(each.place),
        "keys": each.keys,
        "related": [{"place": _place(note.place), "message": note.message} for note in each.related],
        "fix": _fix(each.fix) if each.fix is not None and not each.fix.secret else None,
    }


def _fix(fix: PlacedFix) -> Object:
    return {
        "title": fix.title,
        "safety": fix.safety,
        "edits": [{"place": _place(edit.place), "text": edit.text} for edit in fix.edits],
    }


def _place(place: Place) -> Object:
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "start": place.start,
        "end": place.end,
    }

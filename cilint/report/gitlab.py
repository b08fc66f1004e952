"""GitLab's Code Quality report: a JSON array of findings, shown in merge requests of every tier.

What it must hold: doc/ci/testing/code_quality.md of GitLab. Two entries with one fingerprint would collapse into one.
"""

from __future__ import annotations

import json
import os
from hashlib import blake2b
from typing import Any, Final

from cilint.engine.result import Diagnostic
from cilint.engine.run import Report
from cilint.report.identity import Identities

_SEVERITY: Final = {"error": "major", "warning": "minor", "note": "info"}


def render(report: Report) -> str:
    """The array; empty when there is nothing to say. Paths are taken from the working directory."""
    identities = Identities(os.getcwd())
    entries = [_unread(identities.path(each.path), each.reason) for each in report.unread]
    entries.extend(_entry(each, identities) for each in report.diagnostics)
    return json.dumps(entries, indent=2) + "\n"


def _entry(each: Diagnostic, identities: Identities) -> dict[str, Any]:
    path = identities.path(each.place.path)
    place = each.place
    return {
        "description": f"{each.message} ({each.called})",
        "check_name": each.rule,
        "fingerprint": identities.name(each, path),
        "severity": _SEVERITY[each.severity],
        "location": {
            "path": path,
            "positions": {
                "begin": {"line": place.line, "column": place.column},
                "end": {"line": place.end_line, "column": place.end_column},
            },
        },
    }


def _unread(path: str, reason: str) -> dict[str, Any]:
    return {
        "description": f"the file cannot be read: {reason}",
        "check_name": "unreadable",
        "fingerprint": blake2b(f"unreadable\0{path}".encode(), digest_size=16).hexdigest(),
        "severity": "critical",
        "location": {"path": path, "lines": {"begin": 1}},
    }

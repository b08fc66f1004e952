"""Workflow commands of GitHub Actions: each finding an annotation of the line it is about.

GitHub shows 10 errors, 10 warnings and 10 notices of a step (actions/toolkit, docs/problem-matchers.md): the gravest
come first, and a last notice says how many it does not show. The message repeats the place: the log shows only that.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Final

from cilint.core.finding import SEVERITIES
from cilint.engine.result import Diagnostic
from cilint.engine.run import Report
from cilint.report.identity import Identities
from cilint.report.text import closing

SHOWN: Final = 10
_COMMANDS: Final = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report) -> str:
    """One command a line; files that could not be read are errors. Paths are taken from the working directory."""
    identities = Identities(os.getcwd())
    ranked = sorted(report.diagnostics, key=lambda each: -SEVERITIES.index(each.severity))
    lines = [_unread(identities.path(each.path), each.reason) for each in report.unread]
    lines.extend(_annotation(each, identities.path(each.place.path)) for each in ranked)
    counts = Counter(each.severity for each in report.diagnostics)
    hidden = sum(max(0, count - SHOWN) for count in counts.values())
    if hidden:
        lines.append(f"::notice title=cilint::{hidden} findings are not shown here; the log has them all")
    lines.extend(_escaped(line) for line in closing(report))
    return "\n".join(lines) + "\n"


def _annotation(each: Diagnostic, path: str) -> str:
    where = each.place
    properties: dict[str, str | int] = {
        "title": f"cilint {each.called}",
        "file": path,
        "line": where.line,
        "endLine": where.end_line,
    }
    if where.line == where.end_line:  # columns of a longer range are taken for those of its first line
        properties |= {"col": where.column, "endColumn": where.end_column}
    message = f"{path}:{where.line}:{where.column}: {each.id} {each.message}"
    return _command(_COMMANDS[each.severity], properties, message)


def _unread(path: str, reason: str) -> str:
    return _command("error", {"title": "cilint", "file": path}, f"{path}: cannot be read: {reason}")


def _command(name: str, properties: dict[str, str | int], message: str) -> str:
    told = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {told}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")

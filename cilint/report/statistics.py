"""How often each rule spoke, most often first: for people who meet a large project for the first time."""

from __future__ import annotations

from collections import Counter

from cilint.engine.run import Report
from cilint.report.text import closing


def render(report: Report) -> str:
    """A line for each rule that found something, with its count, levels, id, name and fixes; then the closing line."""
    counts = Counter((each.id, each.rule) for each in report.diagnostics)
    fixable = Counter(each.id for each in report.diagnostics if each.fix)
    levels: dict[str, set[str]] = {}
    for each in report.diagnostics:
        levels.setdefault(each.id, set()).add(each.severity)
    lines = [
        f"{count:6}  {'/'.join(sorted(levels[id])):<8} {id:<7} {name}{_fixable(fixable[id])}"
        for (id, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return "\n".join([*lines, *closing(report)]) + "\n"


def _fixable(count: int) -> str:
    return f" ({count} with a fix)" if count else ""

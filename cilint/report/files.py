"""The files of a run instead of its findings: one line a file, its path and its kind with a tab between."""

from __future__ import annotations

from cilint.engine.run import Report


def render(report: Report) -> str:
    """Each file that is or would be checked, then those that cannot be; empty when there is none."""
    lines = [f"{file.path}\t{file.kind}{'' if file.checked else ' (not checked)'}" for file in report.files]
    known = {file.path for file in report.files}
    lines.extend(f"{path}\tunrecognised (not checked)" for path in report.ignored if path not in known)
    lines.extend(f"{each.path}\tunreadable (not checked)" for each in report.unread)
    return "".join(f"{line}\n" for line in lines)

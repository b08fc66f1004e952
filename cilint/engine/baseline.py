"""The baseline: findings that are known, so that only new ones are reported.

A finding is known by its rule, its file and its anchor (`fingerprint.anchor`), and equals are counted. No line, no
message and no value is kept: moving code wakes nothing, and the file holds no secret.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from cilint.engine.result import Diagnostic
from cilint.engine.run import Report
from cilint.source.record import NamedTuple

VERSION: Final = 1
NEVER: Final = "internal-error"
"""A crash is no finding that one could know."""


class BaselineError(ValueError):
    """A baseline that cannot be read; the message says which and what to do."""


class Identity(NamedTuple):
    """What a finding is known by. `path` is relative to the baseline's directory, with forward slashes."""

    rule: str  # its id
    path: str
    at: str


Baseline = Counter[Identity]
"""How often each finding is known."""


class Comparison(NamedTuple):
    """Findings that are new and known, and what is known and no more there in the files that were looked at."""

    new: tuple[Diagnostic, ...]
    known: tuple[Diagnostic, ...]
    gone: Baseline


def load(path: str) -> Baseline:
    """The findings that the file at `path` knows. Raises BaselineError."""
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        if data["version"] != VERSION:
            raise BaselineError(f"{path} is of version {data['version']}; this cilint reads version {VERSION}")
        baseline: Baseline = Counter()
        for each in data["findings"]:
            baseline[Identity(str(each["rule"]), str(each["path"]), str(each["at"]))] += int(each.get("count", 1))
    except FileNotFoundError as error:
        raise BaselineError(f"there is no {path}; make it with `cilint baseline create`") from error
    except OSError as error:
        raise BaselineError(f"{path} cannot be read: {error.strerror or error}") from error
    except BaselineError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BaselineError(f"{path} is no baseline of cilint; make it anew with `cilint baseline create`") from error
    return baseline


def written(baseline: Baseline) -> str:
    """The text of a baseline: a line a finding, sorted, so that branches merge."""
    lines = [json.dumps(_row(identity, baseline[identity])) for identity in sorted(baseline) if baseline[identity] > 0]
    body = ",\n    ".join(lines)
    inside = f"\n    {body}\n  " if lines else ""
    return f'{{\n  "version": {VERSION},\n  "findings": [{inside}]\n}}\n'


def _row(identity: Identity, count: int) -> dict[str, Any]:
    row: dict[str, Any] = identity._asdict()
    return row | ({"count": count} if count > 1 else {})


def identity(diagnostic: Diagnostic, root: str) -> Identity:
    """What a finding is known by in a baseline in the directory `root`."""
    path = os.path.relpath(os.path.abspath(diagnostic.place.path), root).replace(os.sep, "/")
    return Identity(diagnostic.id, path, diagnostic.anchor)


def of(report: Report, path: str) -> Baseline:
    """The baseline at `path` that knows all findings of a report."""
    root = os.path.dirname(os.path.abspath(path))
    return Counter(identity(each, root) for each in _findings(report) if each.rule != NEVER)


def _findings(report: Report) -> Iterable[Diagnostic]:
    return (*report.diagnostics, *report.known)


def compare(report: Report, baseline: Baseline, path: str) -> Comparison:
    """Which findings of a report the baseline at `path` knows, and which of its own are gone.

    A finding is gone when its file was checked without it, or is no more there. What was known in a file that is no
    more there is also known in another, where it was moved to.
    """
    root = os.path.dirname(os.path.abspath(path))
    left = Counter(baseline)
    new: list[Diagnostic] = []
    known: list[Diagnostic] = []
    for each in _findings(report):
        who = identity(each, root)
        if each.rule != NEVER and left[who] > 0:
            left[who] -= 1
            known.append(each)
        else:
            new.append(each)
    _follow_moves(new, known, left, {each.path for each in baseline}, root)
    looked_at = {os.path.relpath(os.path.abspath(file.path), root).replace(os.sep, "/") for file in report.files}
    gone = Counter(
        {
            who: count
            for who, count in left.items()
            if count > 0 and (who.path in looked_at or not os.path.exists(os.path.join(root, who.path)))
        }
    )
    new.sort(key=_findings_order(report))
    return Comparison(tuple(new), tuple(known), gone)


def _findings_order(report: Report) -> Any:
    order = {id(each): number for number, each in enumerate(_findings(report))}
    return lambda each: order[id(each)]


def _follow_moves(new: list[Diagnostic], known: list[Diagnostic], left: Baseline, paths: set[str], root: str) -> None:
    """Take findings of files that the baseline has not seen for those of files that are no more there."""
    moved = [who for who, count in left.items() if count > 0 and not os.path.exists(os.path.join(root, who.path))]
    if not moved:
        return
    for each in list(new):
        who = identity(each, root)
        before = next((old for old in moved if (old.rule, old.at) == (who.rule, who.at) and left[old] > 0), None)
        if before is not None and who.path not in paths and each.rule != NEVER:
            left[before] -= 1
            new.remove(each)
            known.append(each)


def new_only(report: Report, baseline: Baseline, path: str) -> Report:
    """The report with only what the baseline at `path` does not know among its findings."""
    compared = compare(report, baseline, path)
    return report._replace(
        diagnostics=compared.new, known=compared.known, baseline=path, gone=sum(compared.gone.values())
    )

"""\"Did you mean\": the one way to find the nearest known name. No difflib: this runs on the hot path."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], limit: int | None = None) -> str | None:
    """The known name closest to `name`, ignoring case and `-`/`_`, within `limit` edits (default by length), or None.

    A swap of neighbours counts as one edit. Ties go to the first in `known`.
    """
    wanted = _folded(name)
    allowed = limit if limit is not None else max(1, min(3, len(wanted) // 3))
    best: str | None = None
    best_distance = allowed + 1
    for candidate in known:
        folded = _folded(candidate)
        if abs(len(folded) - len(wanted)) < best_distance:
            found = distance(wanted, folded, best_distance)
            if found < best_distance:
                best, best_distance = candidate, found
    return best


def unmistakable(name: str, known: Iterable[str]) -> str | None:
    """The one known name that `name` can only be a slip of the pen for: good enough to write, not just to suggest.

    At most one edit in six letters or fewer, two in longer names; None where another known name is as close.
    """
    wanted = _folded(name)
    allowed = 0 if len(wanted) < 4 else 1 if len(wanted) <= 6 else 2
    ranked = sorted((distance(wanted, _folded(each), allowed + 1), each) for each in dict.fromkeys(known))
    if not ranked or ranked[0][0] > allowed or (len(ranked) > 1 and ranked[1][0] == ranked[0][0]):
        return None
    return ranked[0][1]


def _folded(name: str) -> str:
    return name.casefold().replace("_", "-").strip("-: ")


def distance(a: str, b: str, stop: int = 99) -> int:
    """Edits that turn `a` into `b` (insert, delete, replace, swap of neighbours); `stop` when at least that many."""
    if a == b:
        return 0
    before_last: list[int] = []
    last = list(range(len(b) + 1))
    for i, char in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (char != other))
            if i > 1 and j > 1 and char == b[j - 2] and a[i - 2] == other:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        if min(row) >= stop:
            return stop
        before_last, last = last, row
    return last[-1]


def listed(names: Iterable[str], limit: int = 12) -> str:
    """Names for a message: `a`, `b` or `c`, cut after `limit`."""
    quoted = [f"`{name}`" for name in names]
    if len(quoted) > limit:
        return ", ".join(quoted[:limit]) + f" and {len(quoted) - limit} more"
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + f" or {quoted[-1]}" if quoted else ""

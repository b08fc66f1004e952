"""Did you mean: the known name that differs by a letter or two. Knows nothing about what the names are."""

from collections.abc import Iterable

from cilint.core.nearest import distance as edits


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The member of `known` closest to `name` regardless of case, or None when all differ by too much.

    Allowed are two letters, one in a name of three to five, none in a shorter one, where any two names are close; a
    swap of neighbours counts as one. Equally close members: the one that shares more of its beginning, then the first
    in the alphabet.
    """
    wanted = name.lower()
    allowed = 2 if len(wanted) > 5 else 1 if len(wanted) > 2 else 0
    best: tuple[int, int, str] | None = None
    for candidate in known:
        steps = distance(wanted, candidate.lower(), allowed)
        if steps <= allowed:
            rank = (steps, -_common_start(wanted, candidate.lower()), candidate)
            best = rank if best is None else min(best, rank)
    return best[2] if best else None


def distance(left: str, right: str, limit: int) -> int:
    """How many letters must be added, dropped, replaced or swapped with a neighbour; `limit + 1` when it is more."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    return min(edits(left, right, limit + 1), limit + 1)


def _common_start(left: str, right: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))

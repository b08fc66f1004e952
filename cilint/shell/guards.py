"""Whether a condition lets only known or harmless values of a variable through.

Comparisons with a fixed text, anchored expressions, `case` and what a script makes of them. What a `grep`, or a
function by the name of a test, lets through is for people to judge. Being non-empty, or anything but X, is no guard.
"""

from __future__ import annotations

from typing import Final

from cilint.shell.script import (
    TESTS,
    Both,
    Condition,
    Either,
    Inverse,
    Matches,
    Opaque,
    Ran,
    SimpleCommand,
    Status,
)
from cilint.shell.words import GLOB, Word
from cilint.source.pattern import lazy

_TESTERS: Final = lazy(r"[ef]?grep|rg|expr|(?i:.*(?:valid|verif|check|assert|allow|safe|is_).*)")
_OPEN_EXPRESSION: Final = lazy(r"\.[*+]|\\S|\[\^|\{0,\}")
_NUMERIC: Final = ("-eq", "-ne", "-lt", "-le", "-gt", "-ge")


def constrains(condition: Condition, names: frozenset[str]) -> bool:
    """Whether one of the variables has only known or harmless values where the condition holds."""
    return _holds(condition.status, condition.holds, names)


def _holds(status: Status, holds: bool, names: frozenset[str]) -> bool:
    match status:
        case Inverse(of):
            return _holds(of, not holds, names)
        case Both(left, right) | Either(left, right):
            answers = (_holds(left, holds, names), _holds(right, holds, names))
            both = isinstance(status, Both) is holds  # `a && b` holds, or `a || b` does not: each says what it says
            return any(answers) if both else all(answers)
        case Matches(word, patterns):
            return _case(word, patterns, holds, names)
        case Opaque(reads):
            return not names.isdisjoint(reads)
        case Ran(command) if command.name in TESTS:
            return _test(command, holds, names)
        case Ran(command):
            return bool(_TESTERS.fullmatch(command.name)) and not names.isdisjoint(command.reads)
    return False


def _case(word: Word, patterns: tuple[Word, ...], holds: bool, names: frozenset[str]) -> bool:
    if not holds:
        # What no catch-all lets through does not exist; what a class of bad characters does not catch has none.
        return any(pattern.raw == "*" for pattern in patterns) or (
            not names.isdisjoint(word.names) and any("[!" in each.raw or "[^" in each.raw for each in patterns)
        )
    return not names.isdisjoint(word.names) and all(_closed(pattern) for pattern in patterns)


def _closed(pattern: Word) -> bool:
    """Whether the values that fit a pattern are known. A pull request is told by its number."""
    return not pattern.has(GLOB) or "*" not in pattern.raw or pattern.raw.strip("\"'") in ("pr/*", "PULL_REQUEST_*")


def _test(command: SimpleCommand, holds: bool, names: frozenset[str]) -> bool:
    words = [word for word in command.args if word.raw not in ("]", "]]", "(", ")")]
    alternatives: list[list[list[Word]]] = [[[]]]
    for word in words:
        if word.raw in ("||", "-o"):
            alternatives.append([[]])
        elif word.raw in ("&&", "-a"):
            alternatives[-1].append([])
        else:
            alternatives[-1][-1].append(word)
    doubled = command.name == "[["
    if holds:
        return all(any(_comparison(part, True, names, doubled) for part in parts) for parts in alternatives)
    return any(len(parts) == 1 and _comparison(parts[0], False, names, doubled) for parts in alternatives)


def _comparison(words: list[Word], holds: bool, names: frozenset[str], doubled: bool) -> bool:
    while words and words[0].raw == "!":
        words, holds = words[1:], not holds
    if len(words) != 3:
        return False
    left, operator, right = words
    if names.isdisjoint(left.names):
        return not names.isdisjoint(right.names) and operator.raw in ("=", "==") and holds and left.text is not None
    if operator.raw in ("=", "=="):
        return holds and not (doubled and right.has(GLOB) and "*" in right.raw)
    if operator.raw == "!=":
        return not holds and not (doubled and right.has(GLOB) and "*" in right.raw)
    if operator.raw == "=~":
        form = right.raw.strip("\"'")
        if not holds:
            return "[^" in form or form.startswith("[")  # of bad characters
        variable = "$" in form[:-1]
        return variable or (form.startswith("^") and form.endswith("$") and not _OPEN_EXPRESSION.search(form))
    return operator.raw in _NUMERIC and holds and not doubled

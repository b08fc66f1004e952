"""What a run was asked for: which rules may speak, and from which level on the run fails."""

from __future__ import annotations

from typing import Final, NamedTuple

from cilint.core.finding import Audience, Severity
from cilint.core.rule import Rule
from cilint.engine.index import Index

AUDIENCES: Final[tuple[Audience, ...]] = ("regular", "pedantic", "auditor")


class Settings(NamedTuple):
    """`select` and `ignore` hold ids, names, families (`BS`) or categories; empty `select` is the audience's rules."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Severity = "note"
    audience: Audience = "regular"
    fail_on: Severity = "warning"
    line_hashes: bool = False  # fill FileResult.line_hashes; only code scanning wants them


def matches(rule: Rule, word: str) -> bool:
    """Whether a word of `select` or `ignore` means this rule."""
    return word in (rule.name, rule.category, "ALL") or _within(rule.id, word)


def _within(id: str, word: str) -> bool:
    """Whether an id starts with a word of the same family: `BS101` with `BS` and `BS1`, `BSD001` with neither."""
    return id.startswith(word) and word.rstrip("0123456789").rstrip("-") == id.rstrip("0123456789").rstrip("-")


def known(index: Index, word: str) -> bool:
    """Whether a word of `select` or `ignore` means any rule at all."""
    return any(matches(rule, word) for rule in index.rules)


def chosen(index: Index, settings: Settings) -> tuple[Rule, ...]:
    """The rules that may speak under these settings. cilint's own (family CI) always read the file."""
    audiences = AUDIENCES[: AUDIENCES.index(settings.audience) + 1]
    rules = []
    for rule in index.rules:
        if settings.select:
            on = any(matches(rule, word) for word in settings.select)
        else:
            on = rule.audience in audiences and not rule.preview
        if on and not any(matches(rule, word) for word in settings.ignore):
            rules.append(rule)
    return tuple(rules)

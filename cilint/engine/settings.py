"""What a run was asked for, and the algebra of selection: which rules speak about a file, and how loudly.

A rule is on by default, or opt-in (an audience beyond regular, preview). A group - family, part of an id, category,
ALL - selects those of its rules that the audience has; an id or a name selects the rule whatever its audience. Of all
words about a rule the most specific wins, and of equals the one that ignores it. Files and what they say are
`config`'s work.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any, Final

from cilint.core.context import Known
from cilint.core.finding import CONFIDENCES, SEVERITIES, Audience, Confidence, Severity
from cilint.core.rule import Rule
from cilint.engine import gitignore
from cilint.engine.index import Index
from cilint.engine.result import Diagnostic
from cilint.source.record import NamedTuple

AUDIENCES: Final[tuple[Audience, ...]] = ("regular", "pedantic", "auditor")
ALWAYS: Final = frozenset(["syntax-error", "too-complex", "internal-error"])
"""What tells that a file could not be checked: no selection leaves it out, only its own id or name."""

PROGRAMS: Final = ("cfn-lint", "shellcheck")
"""Other programs whose findings are reported with ours; their rules are called `shellcheck/SC2086`."""

_EXACT: Final = 100
_CATEGORY: Final = 2
_ALL: Final = 1
_DEFAULT: Final = 0
_UNSAID: Final = -1


class Where(NamedTuple):
    """Files by patterns as in .gitignore, which speak of what lies below the absolute directory `root`."""

    root: str
    patterns: tuple[str, ...]

    def holds(self, path: str) -> bool:
        """Whether the file at an absolute path is one of them."""
        top = os.path.join(self.root, "")
        if not path.startswith(top):
            return False
        *folders, name = path[len(top) :].split(os.sep)
        ignores = gitignore.Ignores((gitignore.Level(_runs(self.patterns)),))
        for folder in folders:
            if ignores.ignores(folder, True):
                return True
            ignores = ignores.below(folder)
        return ignores.ignores(name, False)


@lru_cache(maxsize=256)
def _runs(patterns: tuple[str, ...]) -> tuple[gitignore.Run, ...]:
    return gitignore.parse(os.fsencode("\n".join(patterns)))


class Place(NamedTuple):
    """What holds for some files only: rules that are silent there, and levels of rules."""

    where: Where
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, Severity], ...] = ()


class Waiver(NamedTuple):
    """A suppression that stands in the configuration. `at` is a JSON pointer; empty means the whole file."""

    where: Where
    rules: tuple[str, ...]
    at: str = ""
    reason: str = ""
    until: str = ""
    file: str = ""  # the configuration that it stands in, as an absolute path; empty where that is no file
    number: int = 0  # its place among the entries there


class Settings(NamedTuple):
    """`select`, `extend_select` and `ignore` hold ids, names, families (`BS`), parts of ids, categories or ALL.

    An empty `select` means the rules of the audience. `severity` is the level from which findings are shown,
    `severities` the levels that rules were given.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Severity = "note"
    audience: Audience = "regular"
    fail_on: Severity = "warning"
    line_hashes: bool = False  # fill FileResult.line_hashes; only code scanning wants them
    extend_select: tuple[str, ...] = ()
    preview: bool = False
    confidence: Confidence = "low"
    severities: tuple[tuple[str, Severity], ...] = ()
    places: tuple[Place, ...] = ()
    exclude: tuple[Where, ...] = ()
    include: tuple[str, ...] = ()  # absolute paths that a walk passes over otherwise
    options: tuple[tuple[str, dict[str, Any]], ...] = ()
    known: Known = Known()
    waivers: tuple[Waiver, ...] = ()
    suppressions: bool = True  # whether they are obeyed
    baseline: str = ""
    plugins: tuple[str, ...] = ()  # absolute paths of the directories that a configuration names
    cfn_lint: bool = False  # whether cfn-lint's findings in templates are merged in
    shellcheck: bool = False  # whether shellcheck's findings in builds' commands are
    sources: tuple[str, ...] = ()  # the files that these settings were read from
    remarks: tuple[str, ...] = ()  # what their owner should know, such as rules that have another name now


def specificity(rule: Rule, word: str) -> int:
    """How closely a word names a rule, below zero when it does not."""
    if word in (rule.id, rule.name) or word in rule.was:
        return _EXACT
    if _within(rule.id, word):
        return _CATEGORY + len(word)
    if word == rule.category:
        return _CATEGORY
    return _ALL if word == "ALL" else _UNSAID


def _within(id: str, word: str) -> bool:
    """Whether an id starts with a word of the same family: `BS101` with `BS` and `BS1`, `BSD001` with neither.
    All rules of another program are a family."""
    if not id.startswith(word):
        return False
    return id[len(word) : len(word) + 1] == "/" or word.rstrip("0123456789").rstrip("-") == id.rstrip(
        "0123456789"
    ).rstrip("-")


def program_of(word: str) -> str:
    """The other program that a word such as `shellcheck` or `cfn-lint/E3` speaks of, else empty."""
    program, _, code = word.partition("/")
    if program not in PROGRAMS or word == program + "/":
        return ""
    return program if not code or code.rstrip("0123456789").isalpha() else ""


def is_rule_of_program(word: str) -> bool:
    """Whether a word is the name of a single rule of another program, for all that can be told here."""
    return bool(program_of(word)) and word[-1].isdigit()


def matches(rule: Rule, word: str) -> bool:
    """Whether a word means this rule."""
    return specificity(rule, word) > _UNSAID


def known(index: Index, word: str) -> bool:
    """Whether a word means any rule at all. Which rules another program has, it alone knows."""
    return any(matches(rule, word) for rule in index.rules) or bool(program_of(word))


def chosen(index: Index, settings: Settings) -> tuple[Rule, ...]:
    """The rules that may speak under these settings."""
    return tuple(rule for rule in index.rules if is_on(rule, settings))


def is_on(rule: Rule, settings: Settings) -> bool:
    """Whether a rule may speak: the most specific word about it decides."""
    off = max((specificity(rule, word) for word in settings.ignore), default=_UNSAID)
    if rule.name in ALWAYS:
        return off < _EXACT
    on = _UNSAID if settings.select or _is_opt_in(rule, settings) else _DEFAULT
    for word in (*settings.select, *settings.extend_select):
        said = specificity(rule, word)
        if said == _EXACT or not _is_opt_in(rule, settings):
            on = max(on, said)
    return on > off


def _is_opt_in(rule: Rule, settings: Settings) -> bool:
    beyond = AUDIENCES.index(rule.audience) > AUDIENCES.index(settings.audience)
    return beyond or (rule.preview and not settings.preview)


def silent_at(settings: Settings, path: str) -> tuple[str, ...]:
    """The words for rules that are silent in the file at an absolute path."""
    return tuple(word for place in settings.places if place.ignore and place.where.holds(path) for word in place.ignore)


def is_excluded(settings: Settings, path: str) -> bool:
    """Whether the file at an absolute path is not to be checked."""
    return any(where.holds(path) for where in settings.exclude)


def adjusted(
    diagnostics: tuple[Diagnostic, ...], rules: dict[str, Rule], settings: Settings, path: str
) -> tuple[Diagnostic, ...]:
    """The findings in the file at an absolute path with the levels that the settings give them, without those that
    are less sure than was asked for. What tells of a crash stays as it is."""
    said = [(0, word, severity) for word, severity in settings.severities]
    for place in settings.places:
        if place.severity and place.where.holds(path):
            said.extend((1, word, severity) for word, severity in place.severity)
    sure = CONFIDENCES[CONFIDENCES.index(settings.confidence) :]
    kept = []
    for each in diagnostics:
        rule = rules.get(each.rule)
        ranked = [(here, specificity(rule, word), severity) for here, word, severity in said] if rule else []
        best = max(((here, how) for here, how, _ in ranked if how > _UNSAID), default=None)
        if best is not None:
            level = [severity for here, how, severity in ranked if (here, how) == best][-1]
            each = each._replace(severity=level)
        if each.confidence in sure or each.rule in ALWAYS:
            kept.append(each)
    return tuple(kept)


def reported(diagnostics: tuple[Diagnostic, ...], settings: Settings) -> tuple[Diagnostic, ...]:
    """Those from the level on that the settings show."""
    levels = SEVERITIES[SEVERITIES.index(settings.severity) :]
    return tuple(each for each in diagnostics if each.severity in levels)

"""Which rules look at which file, with which options: the settings of a run, worked out once per configuration."""

from __future__ import annotations

import os
from typing import Any

from cilint.core.rule import Rule
from cilint.engine.config import Finder, rule_options
from cilint.engine.index import Index
from cilint.engine.result import FileResult
from cilint.engine.settings import Settings, Waiver, adjusted, chosen, is_excluded, is_on, matches, silent_at
from cilint.source.record import NamedTuple


class Plan(NamedTuple):
    """The rules that may speak under some settings, and what those with options are told."""

    settings: Settings
    rules: tuple[Rule, ...]
    options: dict[str, dict[str, Any]]
    book: Index

    def rules_at(self, path: str) -> tuple[Rule, ...]:
        """The rules for the file at `path`: without those that are silent there."""
        words = silent_at(self.settings, os.path.abspath(path)) if self.settings.places else ()
        if not words:
            return self.rules
        return tuple(rule for rule in self.rules if not any(matches(rule, word) for word in words))

    def hears(self, rule: Rule, path: str) -> bool:
        """Whether a rule of another program may speak of the file at `path`."""
        words = silent_at(self.settings, os.path.abspath(path)) if self.settings.places else ()
        return is_on(rule, self.settings) and not any(matches(rule, word) for word in words)

    def excludes(self, path: str) -> bool:
        """Whether the file at `path` is not to be checked."""
        return bool(self.settings.exclude) and is_excluded(self.settings, os.path.abspath(path))

    def waivers_at(self, path: str) -> tuple[Waiver, ...]:
        """The configuration's suppressions for the file at `path`."""
        if not self.settings.waivers:
            return ()
        full = os.path.abspath(path)
        return tuple(waiver for waiver in self.settings.waivers if waiver.where.holds(full))

    def settled(
        self, result: FileResult, path: str, others: tuple[Rule, ...] = (), programs: tuple[str, ...] = ()
    ) -> FileResult:
        """The result for the file at `path` without what is suppressed and filtered, with the levels that hold.

        `others` are the rules of other programs that spoke, `programs` the ones that have looked at the file.
        """
        settings = self.settings
        if result.suppressions and settings.suppressions:
            from cilint.engine.suppress import applied

            result = applied(result, (*self.rules_at(path), *others), self.book, programs=programs)
        if not result.diagnostics or (settings.confidence == "low" and not settings.severities and not settings.places):
            return result
        rules = {rule.name: rule for rule in (*self.rules, *others)}
        return result._replace(diagnostics=adjusted(result.diagnostics, rules, settings, os.path.abspath(path)))


def plan(index: Index, settings: Settings) -> Plan:
    """The plan of some settings."""
    rules = chosen(index, settings)
    return Plan(settings, rules, rule_options(rules, settings), index)


class Plans:
    """The plan for each directory: of the run's settings, or of what `nearest` finds."""

    def __init__(self, index: Index, settings: Settings, nearest: Finder | None = None) -> None:
        self.index = index
        self.nearest = nearest
        self.run = plan(index, settings)
        self._of_settings: dict[int, Plan] = {id(settings): self.run}
        self._of_directory: dict[str, Plan] = {}

    def of(self, path: str) -> Plan:
        """The plan for the file at `path`. Raises ConfigError."""
        if self.nearest is None:
            return self.run
        directory = os.path.dirname(path)
        found = self._of_directory.get(directory)
        if found is None:
            settings = self.nearest(directory)
            found = self._of_settings.get(id(settings)) or plan(self.index, settings)
            self._of_settings[id(settings)] = self._of_directory[directory] = found
        return found

    @property
    def all(self) -> tuple[Plan, ...]:
        """The plan of each configuration that was found."""
        return tuple({id(each): each for each in self._of_settings.values()}.values())

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules that may speak somewhere, in the order of the index."""
        if len(self._of_settings) == 1:
            return self.run.rules
        names = {rule.name for each in self._of_settings.values() for rule in each.rules}
        return tuple(rule for rule in self.index.rules if rule.name in names)

    @property
    def sources(self) -> tuple[str, ...]:
        """The configuration files that the settings come from."""
        return tuple(dict.fromkeys(path for each in self._of_settings.values() for path in each.settings.sources))

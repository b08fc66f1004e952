"""The configuration files: which one holds for a checked file. What stands in them is for `tables` to read.

Nearest wins: a checked file obeys the first of FILES from its directory upwards, to the root of its repository. What
`extend` names comes before it, `--config` and the other options of the command line after it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from cilint.core.rule import Rule
from cilint.engine.index import Index
from cilint.engine.project import project_root
from cilint.engine.settings import Settings
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple

FILES: Final = (".cilint.toml", "cilint.toml", "pyproject.toml")
"""The names of configurations, the one that wins first; pyproject.toml counts when it has a table tool.cilint."""
BASELINE: Final = "cilint-baseline.json"

_NEAR_MISS: Final = lazy(r"\.?cilint(?:rc|\.config)?(?:\.(?:ya?ml|jsonc?|tml|ini|cfg|conf|toml\.txt))?", re.IGNORECASE)


class ConfigError(ValueError):
    """A configuration that cannot be obeyed. Each line of the message names the file and the place."""


class Layer(NamedTuple):
    """One table of settings: what to call it in messages, its text, and the directory that its paths start from.

    `prefix` leads to the table in the text: `("tool", "cilint")` in pyproject.toml. `path` is that of a file, absolute.
    """

    name: str
    table: dict[str, Any]
    root: str
    text: str = ""
    prefix: tuple[str, ...] = ()
    is_file: bool = True
    path: str = ""


class Asked(NamedTuple):
    """What the command line says: a file instead of the nearest ones, no file at all, and settings over all files."""

    file: str = ""
    isolated: bool = False
    over: tuple[Layer, ...] = ()


class Configurations:
    """The settings for each directory of a run, every file read once."""

    def __init__(self, index: Index, asked: Asked, base: Settings) -> None:
        """Raises ConfigError when what is asked for cannot be obeyed."""
        self.index = index
        self.asked = asked
        self.base = base
        self.found: dict[str, Settings | None] = {}
        self.fixed: Settings | None = None
        if asked.file:
            self.fixed = self.read(asked.file, os.getcwd())
        elif asked.isolated:
            self.fixed = self.finished(base)
        self.without = self.fixed or self.finished(base)

    def of(self, directory: str) -> Settings:
        """The settings for the files in a directory. Raises ConfigError."""
        return self.fixed or self.nearest(os.path.abspath(directory)) or self.without

    def nearest(self, directory: str) -> Settings | None:
        """The settings of the nearest configuration, None where there is none up to the root of the repository."""
        if directory not in self.found:
            settings: Settings | None = None
            path = next((path for name in FILES if is_configuration(path := f"{directory}{os.sep}{name}")), None)
            if path is not None:
                settings = self.read(path, directory)
            elif not os.access(f"{directory}{os.sep}.git", os.F_OK):
                above = os.path.dirname(directory)
                settings = self.nearest(above) if above != directory else None
            self.found[directory] = settings
        return self.found[directory]

    def read(self, path: str, root: str) -> Settings:
        """The settings that a file gives, with what it extends and what the command line puts over it."""
        from cilint.engine.tables import settings_of

        return self.finished(settings_of(path, root, self.index, self.base))

    def finished(self, settings: Settings) -> Settings:
        """The settings with what the command line puts over all files."""
        for layer in self.asked.over:
            if layer.table:
                from cilint.engine.tables import layered

                settings = layered(settings, layer, self.index)
        return settings


def is_configuration(path: str) -> bool:
    """Whether a file is there and, if it is a pyproject.toml, speaks of cilint."""
    if not os.access(path, os.F_OK):  # asked in each directory of a run: three times as fast as isfile
        return False
    if not path.endswith("pyproject.toml"):
        return os.path.isfile(path)
    try:
        with open(path, "rb") as file:
            if b"cilint" not in file.read():
                return False
    except OSError:
        return False
    from cilint.engine import toml

    try:
        return isinstance(toml.read(path)[0].get("tool", {}).get("cilint"), dict)
    except (OSError, toml.TomlError, AttributeError):
        return False  # not ours to complain about: a pyproject.toml is first of all other tools'


def find_baseline(settings: Settings, directory: str, isolated: bool = False) -> str:
    """The path of the baseline that holds for a run in `directory`, whether it is there or not; empty for none.

    It is what the settings name, else the file of its usual name beside the configuration or in the project's root.
    """
    if settings.baseline or isolated:
        return settings.baseline
    beside = [os.path.dirname(os.path.abspath(source)) for source in settings.sources[-1:]]
    for folder in (*beside, directory, project_root(directory)):
        path = os.path.join(folder, BASELINE)
        if os.path.isfile(path):
            return path
    return ""


def near_misses(directory: str) -> Iterator[str]:
    """Paths in a directory whose names look like a configuration of cilint, and are none."""
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return
    if not any(name in names for name in FILES[:2]):
        for name in names:
            if _NEAR_MISS.fullmatch(name) and os.path.isfile(os.path.join(directory, name)):
                yield os.path.join(directory, name)


def option_schemas(rule: Rule) -> dict[str, Any]:
    """The JSON Schemas of a rule's options, by name."""
    return {name: json.loads(schema) for name, schema in rule.options}


def rule_options(rules: tuple[Rule, ...], settings: Settings) -> dict[str, dict[str, Any]]:
    """What each rule that has options is told: the defaults of its page, and over them what the settings say."""
    said = dict(settings.options)
    return {rule.name: defaults(rule) | said.get(rule.name, {}) for rule in rules if rule.options}


def defaults(rule: Rule) -> dict[str, Any]:
    """A rule's options where nothing is asked for."""
    return {name: schema.get("default") for name, schema in option_schemas(rule).items()}


Finder = Callable[[str], Settings]

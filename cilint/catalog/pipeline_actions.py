"""Action and rule providers of CodePipeline: which exist, their artifact counts, configuration keys, output variables.

The facts and their age stand in `data/pipeline-actions.json`; what a pipeline may do with them is a check's business.
Providers, keys and variables are open sets: AWS adds to them, so that an unknown one proves nothing.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

from cilint.catalog import data_files
from cilint.source.record import NamedTuple

VERSION: Final = "1"
"""The version of every action of owner AWS and ThirdParty."""


class Key(NamedTuple):
    """A configuration key. `form` is `boolean`, `integer`, `json`, `path`, `maybe-path`, `artifact`, `list`, `one` or
    empty; `words` are the bounds of an integer, or the values that are allowed."""

    required: bool
    form: str
    words: tuple[str, ...]


class Provider(NamedTuple):
    """An action provider of one category and owner. `keys` and `variables` are None where they cannot be told."""

    category: str
    owner: str
    name: str
    inputs: tuple[int, int]
    outputs: tuple[int, int]
    keys: dict[str, Key] | None
    variables: tuple[str, ...] | None
    v2: bool


@cache
def provider(category: str, owner: str, name: str) -> Provider | None:
    """The provider of that category, owner and name, or None where none is known."""
    identity = f"{category}/{owner}/{name}"
    found = _data()["actions"].get(identity)
    if found is None:
        return None
    if "same" in found:
        found = _data()["actions"][found["same"]]
    return Provider(
        category,
        owner,
        name,
        (found["in"][0], found["in"][1]),
        (found["out"][0], found["out"][1]),
        None if found.get("open-keys") else _keys(found["keys"]),
        None if found.get("open-variables") else tuple(found.get("variables", ())),
        bool(found.get("v2")),
    )


def identities() -> tuple[tuple[str, str, str], ...]:
    """Category, owner and name of every known provider."""
    return tuple((parts[0], parts[1], parts[2]) for parts in (each.split("/") for each in _data()["actions"]))


def named(name: str) -> tuple[tuple[str, str], ...]:
    """Category and owner of each known provider of that name."""
    return tuple((category, owner) for category, owner, each in identities() if each == name)


def misnamed(name: str) -> str | None:
    """What to write instead of a name that people give to a provider that has another one, or that is none."""
    found: str | None = _data()["misnamed"].get(name)
    return found


def rule_keys(name: str) -> dict[str, Key] | None:
    """The configuration keys of a provider of stage conditions' rules, or None where it is not known."""
    found = _data()["rules"].get(name)
    return None if found is None else _keys(found)


def rule_names() -> tuple[str, ...]:
    """The known providers of stage conditions' rules."""
    return tuple(_data()["rules"])


def date() -> str:
    """When the facts were read (year and month)."""
    return str(_data()["date"])


def _keys(written: dict[str, str]) -> dict[str, Key]:
    return {name: _key(text) for name, text in written.items()}


@cache
def _key(text: str) -> Key:
    words = text.split()
    required = words[:1] == ["R"]
    form, *rest = words[required:] or [""]
    return Key(required, form, tuple(rest))


@cache
def _data() -> Any:
    return json.loads(data_files.read("pipeline-actions.json"))

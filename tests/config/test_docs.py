"""What the documents say of configuration and suppressions is true: their examples are read, their keys are all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cilint.engine import index as rule_index
from cilint.engine import toml
from cilint.engine.config import Layer
from cilint.engine.declare import load_schema
from cilint.engine.suppress import OWN, parse
from cilint.engine.tables import refuse_problems

DOCS = Path(__file__).parents[2] / "docs"
INDEX = rule_index.load()


def blocks(language: str) -> list[str]:
    return [
        block
        for name in ("configuration.md", "suppressing.md")
        for block in re.findall(rf"```{language}\n(.*?)```", (DOCS / name).read_text(), re.DOTALL)
    ]


@pytest.mark.parametrize("text", blocks("toml"))
def test_configurations_are_valid(text: str) -> None:
    table = toml.parse(text)
    refuse_problems(Layer("docs", table, "/", text), INDEX)


def test_all_keys_are_told() -> None:
    told = re.findall(r"^\| `([a-z][a-z-]*)` \|", (DOCS / "configuration.md").read_text(), re.MULTILINE)
    assert told == list(load_schema("cilint")["properties"])


def test_defaults_are_those_of_the_schema() -> None:
    told = dict(re.findall(r"^\| `([a-z-]+)` \| `(.+?)` \|", (DOCS / "configuration.md").read_text(), re.MULTILINE))
    properties = load_schema("cilint")["properties"]
    defaults = {key: value["default"] for key, value in properties.items() if "default" in value}
    assert {key: toml.parse(f"x = {told[key]}")["x"] for key in defaults} == defaults


def test_suppressions_name_rules_that_there_are() -> None:
    said = [parse(comment) for text in blocks("yaml") for comment in re.findall(r"# cilint: .*", text)]
    assert said
    for each in said:
        assert each is not None and not each.problem and each.reason
        assert all(INDEX.by_name(rule) for rule in each.rules)


def test_the_rules_about_suppressions_are_told() -> None:
    told = re.findall(r"^\| `([a-z-]+)` \|", (DOCS / "suppressing.md").read_text(), re.MULTILINE)
    assert set(told) == OWN

"""Declarative rules: what a pattern selects, where a finding points, and what it says."""

from __future__ import annotations

from typing import Any

import pytest

from cilint.core.rule import Declaration
from cilint.engine.declare import declared, select
from cilint.source.nodes import Node
from cilint.source.text import decode
from cilint.source.yaml import parse_yaml

FILE = """\
version: 0.2
env:
  variables:
    STAGE: prod
    my.key: dotted
  git-credential-helper: yes
phases:
  install: &install
    commands: npm ci
  build:
    <<: *install
    commands:
      - make
      - - nested
    finally: !Ref Commands
Stages:
  - name: Source
  - name: !Ref Name
"""


def root(text: str = FILE) -> Node:
    found = parse_yaml(decode(text.encode())).root
    assert found is not None
    return found


def texts(pattern: str) -> list[str]:
    """What is selected, as text; mappings and lists by their type."""
    return [getattr(place.node, "value", type(place.node).__name__) for place in select(root(), pattern)]


@pytest.mark.parametrize(
    ("pattern", "selected"),
    [
        ("$", ["Mapping"]),
        ("$.env.variables.STAGE", ["prod"]),
        ('$.env.variables["my.key"]', ["dotted"]),
        ("$.env.variables.*", ["prod", "dotted"]),
        ("$.env.variables.*~", ["STAGE", "my.key"]),
        ("$.env.git-credential-helper", ["yes"]),
        ("$.env.missing", []),
        ("$.version.deeper", []),
        ("$.phases.*.commands[]", ["npm ci", "make", "Sequence"]),
        ("$.phases.build.commands[][]", ["make", "nested"]),
        ("$.phases.build.*~", ["commands", "finally"]),
        ("$.stages[].name", ["Source", "Name"]),
        ("$.Phases.Install.Commands", ["npm ci"]),
        ("$.**.name", ["Source", "Name"]),
        ("$.env.**", ["Mapping", "Mapping", "prod", "dotted", "yes"]),
    ],
)
def test_a_pattern_selects(pattern: str, selected: list[str]) -> None:
    assert texts(pattern) == selected


def said(text: str = FILE, **declaration: Any) -> list[tuple[str, str]]:
    """What is underlined, and the message."""
    content = decode(text.encode()).content
    found = declared(Declaration(**declaration), root(text))
    return [(content[each.span.start : each.span.end], each.message) for each in found]


def test_a_requirement_without_words_of_its_own_says_what_the_schema_says() -> None:
    ((at, message),) = said(select="$.env.variables.STAGE", require={"enum": ["dev", "production"]})
    assert at == "prod"
    assert message.startswith("`env.variables.STAGE` cannot be `prod`")


def test_words_of_the_page_are_said_once_for_a_place() -> None:
    found = said(select="$.phases.build", require={"required": ["runtime", "on-failure"]}, message="say what to do")
    assert found == [("build", "say what to do")]


def test_placeholders_are_filled_and_other_braces_stay() -> None:
    message = "`{value}` under `{key}` at {path}; write ${key} or {Key}"
    ((_at, told),) = said(select="$.env.variables.STAGE", forbid={"const": "prod"}, message=message)
    assert told == "`prod` under `STAGE` at env.variables.STAGE; write ${key} or {Key}"


def test_a_key_is_judged_as_text() -> None:
    found = said(select="$.env.variables.*~", forbid={"pattern": "\\."}, message="no dots in `{value}`")
    assert found == [("my.key", "no dots in `my.key`")]


@pytest.mark.parametrize(
    ("select", "at"),
    [
        ("$.env.variables.STAGE", "prod"),
        ("$.env.variables", "variables"),
        ("$.Stages[]", "name"),
        ("$", "version"),
    ],
)
def test_what_is_forbidden_is_pointed_at_in_one_line(select: str, at: str) -> None:
    assert said(select=select, forbid=True, message="no")[0] == (at, "no")


def test_what_only_the_deployment_knows_is_neither_required_nor_forbidden() -> None:
    assert said(select="$.Stages[].name", forbid={"pattern": "^Na"}, message="no") == []
    assert said(select="$.Stages[].name", require={"enum": ["Source"]}) == []

"""What a finding is known by: its anchor survives edits elsewhere and holds no secret."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from cilint.engine.fingerprint import anchor
from cilint.source.read import read
from cilint.source.text import Span, decode

RULES = rule_index.load().rules
PIPELINE = """\
stages:
  - name: Build
    actions:
      - name: Image
        configuration:
          ProjectName: shop
          Secret: hunter2 hunter2
  - actions: [{runOrder: 1}]
Statement:
  - Sid: Deploy
    Action: ["iam:PassRole", "*"]
commands:
  - aws s3 sync dist s3://shop --delete --profile ci
  - echo hunter2
  - hunter2
  - |
    cd x
    docker push "$IMAGE" --quiet
"""


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("shop\n", "stages[Build].actions[Image].configuration.ProjectName"),
        ("runOrder", "stages.actions.runOrder"),
        ('"iam:PassRole"', "Statement[Deploy].Action iam:PassRole"),
        ('"*"', "Statement[Deploy].Action *"),
        ("aws s3 sync dist s3://shop --delete --profile ci", "commands aws --delete --profile"),
        ("hunter2\n  - |", "commands"),
        ('docker push "$IMAGE" --quiet', "commands docker --quiet"),
        ("Secret", "stages[Build].actions[Image].configuration.Secret"),
    ],
)
def test_anchor(at: str, expected: str) -> None:
    document = read(decode(PIPELINE.encode()), "x.yml")
    start = PIPELINE.index(at)
    end = start + len(at.partition("\n")[0])
    assert anchor(document, Span(start, end), "some-rule") == expected


@pytest.mark.parametrize("rule", ["plaintext-secret", "hard-coded-credential", "password-in-command", "token-in-url"])
def test_of_a_rule_about_secrets_not_even_a_word(rule: str) -> None:
    document = read(decode(PIPELINE.encode()), "x.yml")
    for at in ("hunter2 hunter2", "echo hunter2", '"iam:PassRole"'):
        start = PIPELINE.index(at)
        assert " " not in anchor(document, Span(start, start + len(at)), rule)


WORDS = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789-_:*", min_size=8, max_size=12)


@given(WORDS)
def test_no_anchor_holds_the_secret(secret: str) -> None:
    text = "version: 0.2\nenv:\n  variables:\n" + f"    DB_PASSWORD: '{secret}'\n" + REST
    found = analyze("buildspec.yml", text.encode(), RULES, EmptyTree()).diagnostics
    assert not [each.anchor for each in found if secret in each.anchor]


REST = "phases:\n  build:\n    commands:\n      - make\n"

# --- moving code

FLAGGED: dict[str, Any] = {
    "version": 0.2,
    "env": {"variables": {"DB_PASSWORD": "hunter2hunter2", "API_TOKEN": "hunter2hunter3"}},
    "phases": {
        "install": {"commands": ["npm ci", "pip install -r requirements.txt"]},
        "build": {"commands": ["make", "echo done"]},
        "post_build": {"commands": ["aws s3 sync dist s3://shop --delete"]},
        "finaly": {"commands": ["ls"]},
    },
}
UNRELATED = st.sampled_from(["echo a", "ls -l", "make test", "true"])


def known(text: str, name: str = "buildspec.yml") -> Counter[tuple[str, str]]:
    found = analyze(name, text.encode(), RULES, EmptyTree()).diagnostics
    return Counter((each.id, each.anchor) for each in found)


BEFORE = known(yaml.safe_dump(FLAGGED, sort_keys=False))


def test_there_is_something_to_know() -> None:
    assert sum(BEFORE.values()) >= 5


@given(
    indent=st.integers(2, 9),
    flow=st.sampled_from([None, False]),
    before=st.lists(UNRELATED, max_size=3),
    behind=st.lists(UNRELATED, max_size=3),
    order=st.permutations(["version", "env", "phases"]),
    phases=st.permutations(list(FLAGGED["phases"])),
    width=st.integers(20, 200),
)
def test_moving_reindenting_and_adding_unrelated_code_wakes_nothing(
    indent: int,
    flow: bool | None,
    before: list[str],
    behind: list[str],
    order: list[str],
    phases: list[str],
    width: int,
) -> None:
    spec = json.loads(json.dumps(FLAGGED))
    spec["phases"] = {name: spec["phases"][name] for name in phases}
    spec["phases"]["build"]["commands"] = [*before, *spec["phases"]["build"]["commands"], *behind]
    spec = {key: spec[key] for key in order}
    text = yaml.safe_dump(spec, sort_keys=False, indent=indent, default_flow_style=flow, width=width)
    assert known(text) == BEFORE


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["", "# a comment", "   ", "#"])), max_size=6))
def test_blank_lines_and_comments_wake_nothing(inserts: list[tuple[int, str]]) -> None:
    lines = yaml.safe_dump(FLAGGED, sort_keys=False).split("\n")
    for number, line in inserts:
        lines.insert(number % len(lines), line)
    assert known("\n".join(lines)) == BEFORE


def test_a_second_one_beside_it_is_new() -> None:
    spec = json.loads(json.dumps(FLAGGED))
    spec["env"]["variables"]["OTHER_PASSWORD"] = "hunter2hunter2"
    new = known(yaml.safe_dump(spec, sort_keys=False)) - BEFORE
    assert list(new) == [("BS101", "env.variables.OTHER_PASSWORD")]

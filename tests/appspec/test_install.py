"""What the agent's Install step said about made-up appspecs and one small bundle, and what cilint says about them.

`install_verdicts.jsonl` holds the files of the bundle in its first line, then an appspec, whether the agent made
instructions of it, and the row of docs/traps/appspec.md that it refused. cilint sees the bundle as the agent did.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from cilint.engine.examples import MemoryTree
from cilint.engine.result import Diagnostic

RULES = rule_index.load().rules
BY_NUMBER = {
    "18": "context-without-range",
    "19": "file-permission-as-directory",
    "20": "default-acl-on-file",
    "21": "repeated-permission",
    "22": "same-target-twice",
}


def _rows() -> list[Any]:
    path = Path(__file__).parent / "install_verdicts.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


HEAD, *CASES = _rows()
TREE = MemoryTree(dict.fromkeys(HEAD["bundle"], (b"x", True)), "appspec.yml")


def _said(text: str) -> list[Diagnostic]:
    result = analyze("appspec.yml", text.encode(), RULES, TREE)
    return [each for each in result.diagnostics if each.rule in BY_NUMBER.values()]


def test_each_refusal_is_met_often() -> None:
    met = Counter(number for _text, verdict, number in CASES if verdict == "refused")
    assert set(met) == set(BY_NUMBER)
    assert min(met.values()) >= 20, met


def test_nothing_that_installs_is_called_an_error() -> None:
    wrong = [
        text for text, verdict, _ in CASES if verdict == "installed" and "error" in {d.severity for d in _said(text)}
    ]
    assert wrong == []


@pytest.mark.parametrize("number", sorted(BY_NUMBER))
def test_the_rule_speaks_of_what_install_refuses(number: str) -> None:
    """As an error, or as a warning where it takes the bundle's directories to know. Names that only a pattern or an
    `except` brings together are not compared."""
    silent = [
        text
        for text, _, found in CASES
        if found == number
        and BY_NUMBER[number] not in {each.rule for each in _said(text)}
        and not (number == "21" and ("pattern:" in text or "except:" in text))
    ]
    assert silent == []

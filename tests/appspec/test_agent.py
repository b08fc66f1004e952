"""What the CodeDeploy agent's own parser said about generated appspecs, and what cilint says about them.

`agent_verdicts.jsonl` holds made-up appspecs with the verdict of the agent's parser, run once under Ruby; its first
line says which. A refusal has the number of the parser rule that it met first: a row of the table of the agent's errors
in docs/traps/appspec.md, or a word where there is no row.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from cilint.engine.result import Diagnostic

RULES = rule_index.load().rules

RULES_BY_NUMBER = {
    "1": {"appspec-empty"},
    "2": {"appspec-version"},
    "3": {"unsupported-os"},
    "4": {"invalid-file-exists-behavior"},
    "6": {"file-without-source-or-destination"},
    "7": {"files-wrong-shape"},
    "8": {"hooks-wrong-shape"},
    "9": {"script-without-location"},
    "10": {"invalid-timeout"},
    "12": {"permission-without-object"},
    "13": {"permissions-on-windows"},
    "14": {"invalid-object-type"},
    "15": {"invalid-mode", "octal-mode"},
    "16": {"invalid-acl"},
    "17": {"invalid-selinux-context"},
    "range": {"invalid-selinux-context"},  # a part of 17 with a grammar of its own
    "permissions": {"permissions-wrong-shape"},  # a Ruby exception in `permissions`, `except` or `acls`
    "root": {"appspec-empty"},  # a document that is no mapping
    "yaml": {"syntax-error"},
}
AT_INSTALL = {"context-without-range", "numeric-owner", "repeated-permission", "same-target-twice"}
"""Rules for what the parser takes and Install refuses."""


class Case(NamedTuple):
    text: str
    verdict: str
    number: str


def _cases() -> list[Case]:
    lines = (Path(__file__).parent / "agent_verdicts.jsonl").read_text(encoding="utf-8").splitlines()
    return [Case(*json.loads(line)) for line in lines[1:]]


CASES = _cases()


def _errors(text: str) -> list[Diagnostic]:
    result = analyze("appspec.yml", text.encode(), RULES, EmptyTree())
    return [each for each in result.diagnostics if each.severity == "error" and each.rule not in AT_INSTALL]


def test_the_verdicts_are_enough() -> None:
    """At least 2,000, of which 30 % accepted, and each refusal met 20 times."""
    accepted = [case for case in CASES if case.verdict == "accepted"]
    met = Counter(case.number for case in CASES if case.verdict == "refused")
    assert len(CASES) >= 2000
    assert len(accepted) / len(CASES) >= 0.3
    assert set(met) == set(RULES_BY_NUMBER)
    assert min(met.values()) >= 20, met


def test_cilint_refuses_what_the_agent_refuses_and_nothing_else() -> None:
    differing = [case.text for case in CASES if bool(_errors(case.text)) != (case.verdict == "refused")]
    assert differing == []


def test_the_rule_that_speaks_is_the_one_of_the_agents_refusal() -> None:
    silent = [
        (case.number, case.text)
        for case in CASES
        if case.verdict == "refused" and not RULES_BY_NUMBER[case.number] & {each.rule for each in _errors(case.text)}
    ]
    assert silent == []


@pytest.mark.parametrize("number", ["1", "2", "3", "4", "6", "9", "10", "12"])
def test_the_message_quotes_the_agent(number: str) -> None:
    """A user who has the agent's log line can find the finding by it."""
    quoted = {
        "1": "the application specification file was empty",
        "2": "an invalid version value",
        "3": "specifies an unsupported operating system",
        "4": "an invalid file_exists_behavior value",
        "6": "specifies",
        "9": "a script with no location value",
        "10": "an invalid timeout value",
        "12": "has no object value",
    }[number]
    for case in CASES:
        if case.number == number:
            said = [each.message for each in _errors(case.text) if each.rule in RULES_BY_NUMBER[number]]
            assert any(quoted in message for message in said), case.text

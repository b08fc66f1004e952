"""Each of IAM Access Analyzer's checks has a rule that decides it, or a reason why none does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from cilint.core import resources
from cilint.core.context import EmptyTree
from cilint.engine import index
from cilint.engine.analyze import analyze

TABLE: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("access_analyzer.yaml").read_text())
DECIDED = {code: row for code, row in TABLE.items() if "rule" in row}
RULES = index.load().rules
TYPES = {"error": 79, "security-warning": 19, "general-warning": 26, "suggestion": 29}
IN_TEMPLATE = """{{"Resources": {{"It": {{"Type": "{type}", "Properties": {{"{property}": {policy}}}}}}}}}"""


def _document(row: dict[str, Any]) -> tuple[str, str]:
    """The name and the text of the example; `.template` puts it where its place tells what it is for."""
    text = row["policy"]
    if "repeat" in row:
        text = json.dumps(_repeated(json.loads(text), row["repeat"]))
    name = row.get("name", "policy.json")
    if name == "scp.template":
        return "t.json", IN_TEMPLATE.format(type="AWS::Organizations::Policy", property="Content", policy=text)
    if name.endswith(".template"):
        return "t.json", IN_TEMPLATE.format(type="AWS::IAM::ManagedPolicy", property="PolicyDocument", policy=text)
    return name, text


def _repeated(value: Any, times: int) -> Any:
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return [value[0].replace("0", f"{number:03}", 1) for number in range(times)]
    if isinstance(value, list):
        return [_repeated(item, times) for item in value]
    return {key: _repeated(item, times) for key, item in value.items()} if isinstance(value, dict) else value


def test_every_check_is_in_the_table() -> None:
    assert len(TABLE) == 153
    assert {kind: sum(row["type"] == kind for row in TABLE.values()) for kind in TYPES} == TYPES
    assert all(("rule" in row) != ("reason" in row) for row in TABLE.values())


@pytest.mark.parametrize("code", DECIDED)
def test_the_rule_finds_what_the_check_finds(code: str) -> None:
    row = DECIDED[code]
    name, text = _document(row)
    found = analyze(name, text.encode(), RULES, EmptyTree()).diagnostics
    assert row["rule"] in {each.rule for each in found}, [f"{each.rule}: {each.message}" for each in found]


@pytest.mark.parametrize("code", DECIDED)
def test_the_page_of_the_rule_names_the_check(code: str) -> None:
    rule = DECIDED[code]["rule"]
    if rule != "syntax-error":  # the reader's, of all kinds of file
        assert code in resources.read(f"rules/iam/{rule}.yaml").decode().replace("\n", " ")

"""What a page may say: `schemas/rule.schema.json`, `cilint.engine.pages` and jsonschema agree on it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from cilint.core.rule import PageError
from cilint.core.schema import KEYWORDS, unsupported
from cilint.engine.pages import CATEGORIES, FAMILIES, family, page_paths, parse, parse_of_project

ROOT = Path(__file__).parents[2]
SCHEMA: dict[str, Any] = json.loads((ROOT / "schemas" / "rule.schema.json").read_text())
VALIDATOR = Draft7Validator(SCHEMA)
PAGES = sorted(page_paths(str(ROOT / "rules")))
GOOD: dict[str, Any] = {
    "id": "TEAM001",
    "name": "planted",
    "summary": "a thing is wrong",
    "category": "style",
    "severity": "note",
    "confidence": "high",
    "audience": "pedantic",
    "kinds": ["buildspec"],
    "why": "Because.",
    "references": ["https://example.com/"],
    "select": "$.phases.*.commands[]",
    "require": {"type": "string", "not": {"pattern": "^make"}},
    "message": "call `just` instead of `{value}`",
    "bad": [{"file": "version: 0.2\n", "expect": [{"at": "make", "count": 2}]}],
    "good": [
        "version: 0.2\n",
        {"files": {"buildspec.yml": "version: 0.2\n", "a.sh": {"text": "", "executable": False}}},
    ],
}


def refused_by_ours(page: Any) -> bool:
    try:
        parse("planted.yaml", yaml.safe_dump(page, sort_keys=False).encode())
    except PageError:
        return True
    return False


def test_the_schema_is_one() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert set(unsupported(SCHEMA)) == set()


@pytest.mark.parametrize("path", PAGES)
def test_own_pages_are_valid(path: str) -> None:
    content = (ROOT / "rules" / path).read_bytes()
    assert parse(path, content).path == path
    assert [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(content))] == []


def test_a_page_that_says_all_of_it_is_valid() -> None:
    assert VALIDATOR.is_valid(GOOD)
    assert not refused_by_ours(GOOD)
    parse_of_project("planted.yaml", yaml.safe_dump(GOOD).encode(), ("buildspec",))


GONE = object()
WRONG: list[tuple[str, Any]] = [
    *((key, GONE) for key in SCHEMA["required"]),
    *((key, None) for key in GOOD if key not in ("select", "message")),
    ("id", "team1"),
    ("id", "TEAM"),
    ("name", "Planted"),
    ("name", "planted--twice"),
    ("summary", ""),
    ("category", "taste"),
    ("severity", "fatal"),
    ("confidence", 1),
    ("audience", "everyone"),
    ("kinds", []),
    ("kinds", "buildspec"),
    ("kinds", ["buildspec", "buildspec"]),
    ("references", ["see the wiki"]),
    ("security-severity", 7.5),
    ("security-severity", "11.0"),
    ("cwe", ["79"]),
    ("select", "phases"),
    ("select", "$phases"),
    ("select", "$..commands"),
    ("select", "$.commands[0]"),
    ("select", "$.a~.b"),
    ("message", ""),
    ("require", []),
    ("require", {"$ref": "#/definitions/elsewhere"}),
    ("require", {"format": "uri"}),
    ("require", {"type": "text"}),
    ("require", {"required": "name"}),
    ("require", {"properties": {"a": {"minLength": -1}}}),
    ("require", {"anyOf": []}),
    ("require", {"items": [{"type": "string"}]}),
    ("forbid", {"patern": "a"}),
    ("keywords", ["type"]),
    ("fix", {"safety": "maybe", "title": "x"}),
    ("fix", {"safety": "safe"}),
    ("python", "checks.py"),
    ("bad", [{"file": "a: 1\n"}]),
    ("bad", [{"expect": [{"at": "a"}]}]),
    ("bad", [{"file": "a: 1\n", "expect": []}]),
    ("bad", [{"file": "a: 1\n", "expect": [{}]}]),
    ("bad", [{"file": "a: 1\n", "expect": [{"at": "a", "count": 0}]}]),
    ("bad", [{"file": "a: 1\n", "expect": [{"messages": "a"}]}]),
    ("bad", [{"folder": "worse-1", "expect": [{"at": "a"}]}]),
    ("bad", ["a: 1\n"]),
    ("good", [{"name": "a.yml"}]),
    ("good", [{"files": {"a.yml": ["x"]}}]),
    ("good", [{"base64": "?!"}]),
    ("good", [1]),
]


@pytest.mark.parametrize(("key", "value"), WRONG, ids=lambda value: json.dumps(value) if value is not GONE else "gone")
def test_page_and_schema_refuse_the_same(key: str, value: Any) -> None:
    page = copy.deepcopy(GOOD)
    if value is GONE:
        del page[key]
    else:
        page[key] = value
    assert not VALIDATOR.is_valid(page)
    assert refused_by_ours(page)


def test_a_page_that_forbids_says_why() -> None:
    page = {key: value for key, value in GOOD.items() if key not in ("message", "require")} | {"forbid": {"const": 1}}
    assert not VALIDATOR.is_valid(page)
    assert refused_by_ours(page)


def test_every_keyword_that_cilint_evaluates_can_be_used_in_a_page() -> None:
    usable = set(SCHEMA["definitions"]["schema"]["properties"])
    assert KEYWORDS - usable == {"$ref"}, "a page's schema is short enough to have no references"


def test_words_of_the_code_are_words_of_the_schema() -> None:
    assert SCHEMA["properties"]["category"]["enum"] == list(CATEGORIES)
    assert {family("BS101"), family("TEAM-12"), family("IAM301")} == {"BS", "TEAM", "IAM"}
    assert {"BS", "IAM", "CI"} <= set(FAMILIES)


def test_every_problem_of_a_page_is_told_at_once() -> None:
    page = yaml.safe_dump({**GOOD, "severity": "fatal", "audience": "all", "sumary": "x"}, sort_keys=False)
    with pytest.raises(PageError) as told:
        parse("planted.yaml", page.encode())
    lines = str(told.value).splitlines()
    last = len(page.splitlines())
    assert [line.split(": ")[0] for line in lines] == ["planted.yaml:5", "planted.yaml:7", f"planted.yaml:{last}"]


def test_a_date_is_text_as_in_json() -> None:
    page = yaml.safe_dump({**GOOD, "require": {"enum": ["x"]}}, sort_keys=False).replace("- x", "- 2012-10-17")
    assert parse("planted.yaml", page.encode()).data["require"] == {"enum": ["2012-10-17"]}


def test_examples_in_folders_are_no_pages(tmp_path: Path) -> None:
    for name in ("buildspec/planted.yaml", "buildspec/planted/bad-1/buildspec.yaml", "alone.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert list(page_paths(str(tmp_path))) == ["buildspec/planted.yaml"]
    assert list(page_paths(str(tmp_path), alone=True)) == ["alone.yaml", "buildspec/planted.yaml"]

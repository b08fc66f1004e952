"""The algebra of selection: which words turn a rule on and off, and which of two words wins."""

from __future__ import annotations

import os
from typing import Any

import pytest

from cilint.core.finding import Confidence
from cilint.core.rule import Rule
from cilint.engine.config import Layer
from cilint.engine.index import Index
from cilint.engine.settings import Place, Settings, Where, adjusted, chosen, silent_at
from cilint.engine.tables import layered
from tests.report.sample_reports import diagnostic


def rule(id: str, name: str, **values: Any) -> Rule:
    known: dict[str, Any] = {
        "summary": "",
        "category": "correctness",
        "severity": "warning",
        "confidence": "high",
        "audience": "regular",
        "kinds": ("buildspec",),
    }
    return Rule(id, name, **(known | values))


INDEX = Index(
    (
        rule("BS001", "unknown-key"),
        rule("BS101", "plain-secret", category="security"),
        rule("BS102", "open-secret", category="security", audience="auditor"),
        rule("BS103", "new-secret", category="security", preview=True),
        rule("BSD001", "own-rule", category="style"),
        rule("CI001", "syntax-error"),
        rule("IAM301", "broad", category="security", audience="pedantic"),
    )
)


def on(**settings: Any) -> list[str]:
    """The ids that are on, without the one that always is."""
    return [rule.id for rule in chosen(INDEX, Settings(**settings)) if rule.name != "syntax-error"]


def test_by_default_the_rules_of_the_audience_are_on() -> None:
    assert on() == ["BS001", "BS101", "BSD001"]
    assert on(audience="pedantic") == ["BS001", "BS101", "BSD001", "IAM301"]
    assert on(preview=True) == ["BS001", "BS101", "BS103", "BSD001"]
    assert len(on(audience="auditor", preview=True)) == 6


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        (["BS"], ["BS001", "BS101"]),  # a family; BSD is another
        (["BS1"], ["BS101"]),  # a part of an id
        (["security"], ["BS101"]),  # a category
        (["ALL"], ["BS001", "BS101", "BSD001"]),
        (["BS102"], ["BS102"]),  # an id, whatever its audience
        (["new-secret"], ["BS103"]),  # a name, although it is in preview
        (["IAM", "broad"], ["IAM301"]),
        (["IAM"], []),  # a group turns on no rule of another audience
    ],
)
def test_select_runs_only_what_it_names(select: list[str], expected: list[str]) -> None:
    assert on(select=select) == expected


def test_extend_select_runs_more() -> None:
    assert on(extend_select=["IAM301"]) == ["BS001", "BS101", "BSD001", "IAM301"]
    assert on(select=["BS1"], extend_select=["BS001"]) == ["BS001", "BS101"]


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        (["BS1"], ["BS"], ["BS101"]),  # the more specific wins, whichever way
        (["BS"], ["BS1"], ["BS001"]),
        (["security"], ["ALL"], ["BS101"]),
        (["BS"], ["security"], ["BS001", "BS101"]),  # a family says more than a category
        (["plain-secret"], ["BS1", "security"], ["BS101"]),
        (["BS101"], ["plain-secret"], []),  # of equals the one that ignores
        (["BS"], ["BS"], []),
        ([], ["security"], ["BS001", "BSD001"]),
        ([], ["ALL"], []),
    ],
)
def test_the_most_specific_word_wins(select: list[str], ignore: list[str], expected: list[str]) -> None:
    assert on(select=select, ignore=ignore) == expected


def test_what_could_not_be_checked_is_always_told() -> None:
    always = INDEX.rules[5]
    assert always in chosen(INDEX, Settings(select=("BS101",)))
    assert always in chosen(INDEX, Settings(ignore=("CI", "ALL")))
    assert always not in chosen(INDEX, Settings(ignore=("CI001",)))


def layers(*tables: dict[str, Any]) -> list[str]:
    settings = Settings()
    for table in tables:
        settings = layered(settings, Layer("a layer", table, "/"), INDEX)
    return on(**settings._asdict())


def test_select_of_a_later_layer_starts_anew() -> None:
    assert layers({"ignore": ["BS101"]}, {"select": ["BS"]}) == ["BS001", "BS101"]
    assert layers({"select": ["BS001"], "extend-select": ["IAM301"]}, {"select": ["BS1"]}) == ["BS101"]


def test_the_other_words_of_a_later_layer_add() -> None:
    assert layers({"ignore": ["BS101"]}, {"ignore": ["BSD"]}) == ["BS001"]
    assert layers({"select": ["BS"]}, {"ignore": ["BS1"]}) == ["BS001"]
    assert layers({"ignore": ["plain-secret"]}, {"extend-select": ["BS101"]}) == ["BS001", "BS101", "BSD001"]


def test_confidence_filters_and_severity_is_given_by_the_most_specific_word() -> None:
    sureness: tuple[tuple[str, Confidence], ...]
    sureness = (("unknown-key", "high"), ("plain-secret", "medium"), ("syntax-error", "low"))

    def levels(**settings: Any) -> list[str]:
        rules = {each.name: each for each in INDEX.rules}
        found = tuple(diagnostic()._replace(rule=name, confidence=sure) for name, sure in sureness)
        return [f"{each.rule}={each.severity}" for each in adjusted(found, rules, Settings(**settings), "/p/a/x.yml")]

    assert levels(confidence="high") == ["unknown-key=warning", "syntax-error=warning"]
    assert levels(severities=(("BS", "note"), ("BS101", "error"), ("security", "note")))[:2] == [
        "unknown-key=note",
        "plain-secret=error",
    ]
    place = Place(Where("/p", ("a/",)), severity=(("BS", "note"),))
    said = (("BS101", "error"),)
    assert levels(severities=said, places=(place,))[1] == "plain-secret=note", "a place says more than a word"
    elsewhere = place._replace(where=Where("/p", ("b/",)))
    assert levels(severities=said, places=(elsewhere,))[1] == "plain-secret=error"


@pytest.mark.parametrize(
    ("pattern", "holds"),
    [
        ("legacy/", True),
        ("legacy", True),
        ("legacy/**", True),
        ("/legacy/*/buildspec.yml", True),
        ("buildspec.yml", True),
        ("*.yml", True),
        ("old", False),
        ("/buildspec.yml", False),
        ("legacy/*.yml", False),
    ],
)
def test_patterns_are_those_of_gitignore(pattern: str, holds: bool) -> None:
    path = os.path.join("/work", "legacy", "app", "buildspec.yml").replace("/", os.sep)
    assert Where(f"{os.sep}work", (pattern,)).holds(path) == holds
    assert not Where(f"{os.sep}elsewhere", (pattern,)).holds(path)


def test_rules_are_silent_where_they_are_told_to_be() -> None:
    settings = Settings(places=(Place(Where("/p", ("a/",)), ignore=("BS101",)),))
    assert silent_at(settings, "/p/a/x.yml") == ("BS101",)
    assert silent_at(settings, "/p/b/x.yml") == ()

"""The analysis of one file: isolation of crashes, one finding per place, places in every unit, limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

import pytest

from cilint.core.context import EmptyTree
from cilint.core.finding import Finding
from cilint.core.rule import CheckReference, Rule
from cilint.engine import analyze as analysis
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from cilint.engine.run import check_text
from cilint.engine.settings import Settings
from cilint.model.buildspec import Buildspec

INDEX = rule_index.load()
BUILDSPEC = b"""\
version: 0.2
env:
  variables:
    DB_PASSWORD: Winter2024!shop
phases:
  pre-build:
    commands: [npm test]
"""


def explode(buildspec: Buildspec) -> NoReturn:
    raise ZeroDivisionError("the rule divides by the number of phases")


def speak_then_explode(buildspec: Buildspec) -> Iterator[Finding]:
    yield Finding(buildspec.place, "said before the crash")
    raise KeyError("phases")


def planted(name: str) -> Rule:
    reference = CheckReference(__name__, name, ("Buildspec",))
    return Rule("ZZ001", "planted", "crashes", "correctness", "warning", "high", "regular", ("buildspec",), reference)


@pytest.mark.parametrize("name", ["explode", "speak_then_explode"])
def test_a_check_that_raises_is_a_finding_and_the_rest_goes_on(name: str) -> None:
    result = analyze("buildspec.yml", BUILDSPEC, (planted(name), *INDEX.rules), EmptyTree())
    said = {each.rule: each for each in result.diagnostics}
    assert result.crashed
    assert {"internal-error", "plaintext-secret", "unknown-phase"} <= set(said)
    assert "planted (ZZ001) crashed" in said["internal-error"].message
    assert said["internal-error"].severity == "error"


def test_a_crash_ends_the_run_with_exit_code_4(monkeypatch: pytest.MonkeyPatch) -> None:
    index = rule_index.Index((*INDEX.rules, planted("explode")))
    report = check_text("buildspec.yml", BUILDSPEC, index, Settings())
    assert report.exit_code == 4


def test_a_crash_is_told_even_when_its_own_rule_is_not_selected() -> None:
    result = analyze("buildspec.yml", BUILDSPEC, (planted("explode"),), EmptyTree())
    assert [each.message.split(" crashed")[0] for each in result.diagnostics] == ["the rule planted (ZZ001)"]


def test_a_specific_rule_silences_the_schema_at_its_place() -> None:
    def both(buildspec: Buildspec) -> Iterator[Finding]:
        table = buildspec.get("phases")
        assert table is not None
        yield Finding(table.span, "the specific rule's own words")

    analysis.load_check.cache_clear()
    globals()["both"] = both
    result = analyze("buildspec.yml", BUILDSPEC, (planted("both"), *INDEX.rules), EmptyTree())
    rules = [each.rule for each in result.diagnostics]
    assert "planted" in rules
    assert "buildspec-unknown-key" not in rules


def test_a_file_over_the_limit_is_said_and_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "MAX_BYTES", 10)
    (only,) = analyze("buildspec.yml", BUILDSPEC, INDEX.rules, EmptyTree()).diagnostics
    assert (only.rule, only.place.line) == ("too-complex", 1)


def test_what_is_none_of_ours_has_no_kind() -> None:
    result = analyze("package.json", b'{"name": "web", "version": "1.0.0"}', INDEX.rules, EmptyTree())
    assert (result.kind, result.checked, result.diagnostics) == ("", False, ())


def test_a_fragment_is_never_more_than_a_note() -> None:
    data = b"phases:\n  build:\n    comands: [make]\n    commands: [make]\n"
    result = analyze("docs/example.yml", data, INDEX.rules, EmptyTree())
    assert {(each.severity, each.confidence) for each in result.diagnostics} == {("note", "low")}


def test_nothing_is_said_of_what_a_fragment_lacks() -> None:
    data = b"phases:\n  build:\n    commands: [make]\n"
    assert analyze("docs/example.yml", data, INDEX.rules, EmptyTree()).diagnostics == ()
    named = analyze("buildspec.yml", data, INDEX.rules, EmptyTree()).diagnostics
    assert [each.rule for each in named] == ["buildspec-missing-key"]


def test_a_reader_that_raises_is_a_finding_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> NoReturn:
        raise RecursionError("too deep for the reader")

    monkeypatch.setattr(analysis, "units", broken)
    result = analyze("buildspec.yml", BUILDSPEC, INDEX.rules, EmptyTree())
    assert result.crashed
    assert [each.rule for each in result.diagnostics] == ["internal-error"]
    assert "no rule ran" in result.diagnostics[0].message


def test_a_file_that_takes_too_long_is_left_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "MAX_SECONDS", -1.0)
    result = analyze("buildspec.yml", BUILDSPEC, INDEX.rules, EmptyTree())
    assert [each.rule for each in result.diagnostics] == ["too-complex"]
    assert "some rules have not looked at it" in result.diagnostics[0].message

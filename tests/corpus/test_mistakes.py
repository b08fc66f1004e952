"""Real mistakes and their authors' repairs: cilint speaks of what was repaired, and calls no repair an error."""

from __future__ import annotations

from pathlib import Path

import pytest

import cilint

REPAIRED = {
    "01": {"removed-artifacts-type"},
    "02": {"command-is-mapping"},
    "03": {"syntax-error"},
    "04": {"syntax-error"},
    "05": {"appspec-version"},
    "06": {"appspec-ec2-odd-value"},
    "07": {"syntax-error"},
    "08": {"unknown-hook"},
    "09": {"buildspec-unknown-key"},
    "10": {"buildspec-wrong-type"},
    "11": {"empty-commands"},
    "12": {"command-is-mapping"},
    "13": {"misplaced-key"},
    "14": {"script-without-location"},
    "15": {"appspec-version"},
    "16": {"syntax-error"},
    "17": {"buildspec-wrong-type"},
    "18": {"syntax-error"},
    "19": {"buildspec-unknown-key"},
    "20": {"buildspec-wrong-value"},
    "21": {"misplaced-key"},
    "22": {"script-without-location"},
    "23": {"syntax-error"},
    "24": {"empty-commands", "misplaced-key"},
    "25": {"empty-commands"},
    "26": {"unknown-phase"},
    "27": {"syntax-error"},
    "28": {"unknown-phase"},
    "29": {"buildspec-unknown-key"},
    "30": {"empty-commands", "misplaced-key"},
    "31": {"syntax-error"},
    "32": {"misplaced-key"},
    "33": {"syntax-error"},
    "34": {"buildspec-unknown-key"},
    "35": {"syntax-error"},
    "36": {"syntax-error"},
    "37": {"unsupported-os"},
    "38": {"unknown-hook"},
}
"""Number of the mistake to the rules that speak of it."""

STILL_WRONG = {
    # The repair left another key at the wrong indentation.
    "11": {"syntax-error"},
    # Two echo commands still hold a colon followed by a blank.
    "36": {"command-is-mapping"},
    # A hook still has a script without `location`.
    "38": {"script-without-location"},
}
"""Errors of what the author's repair left, each looked at in its file."""


def spoken(directory: Path) -> set[tuple[str, str]]:
    """Rules and severities of what is said about the files below a directory."""
    return {(each.rule, each.severity) for each in cilint.check_paths([str(directory)]).diagnostics}


@pytest.mark.parametrize("number", sorted(REPAIRED))
def test_cilint_speaks_of_what_was_repaired_and_is_silent_when_it_is(corpus: Path, number: str) -> None:
    (mistake,) = (corpus / "mistakes").glob(f"{number}-*")
    before, after = spoken(mistake / "before"), spoken(mistake / "after")
    assert REPAIRED[number] <= {rule for rule, _ in before}
    assert REPAIRED[number] & {rule for rule, _ in before - after} or number in STILL_WRONG


@pytest.mark.parametrize("number", sorted(REPAIRED))
def test_a_repair_is_an_error_only_where_a_defect_is_left(corpus: Path, number: str) -> None:
    (mistake,) = (corpus / "mistakes").glob(f"{number}-*")
    errors = {rule for rule, severity in spoken(mistake / "after") if severity == "error"}
    assert errors == STILL_WRONG.get(number, set())


def test_every_mistake_is_in_the_table(corpus: Path) -> None:
    assert {path.name[:2] for path in (corpus / "mistakes").iterdir() if path.is_dir()} == set(REPAIRED)

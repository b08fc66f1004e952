"""The tables of docs/traps/untrusted-input.md are true: each row's commands give the finding of its rule, or none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from cilint import check_text
from tests.tables import cells

TABLES = Path(__file__).parent.parent.parent / "docs" / "traps" / "untrusted-input.md"
RULES = ("untrusted-code", "untrusted-argument")
BEFORE = ["B=${CODEBUILD_WEBHOOK_HEAD_REF#refs/heads/}", "M=$(git log -1 --format=%s)"]


class Row(NamedTuple):
    """A row: what it is about, its commands, the rule that speaks, or why none does."""

    what: str
    commands: str
    rule: str
    reason: str


def rows() -> list[Row]:
    """The rows of all tables."""
    found = []
    for line in TABLES.read_text().splitlines():
        row = cells(line)
        if line.startswith("| ") and len(row) == 4 and row[1].startswith("`"):
            found.append(Row(row[0], row[1].strip("`"), row[2], row[3]))
    return found


def test_the_tables_say_what_stands_before_each_row() -> None:
    assert all(f"\n    {command} " in TABLES.read_text() for command in BEFORE)


def test_the_tables_are_not_empty() -> None:
    assert len(rows()) > 80


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.what)
def test_a_row_is_true(row: Row) -> None:
    build = {"version": 0.2, "env": {"shell": "bash"}, "phases": {"build": {"commands": [*BEFORE, row.commands]}}}
    found = {each.rule for each in check_text(json.dumps(build), "buildspec.json", select=RULES).diagnostics}
    assert found == ({row.rule} if row.rule else set())
    assert bool(row.rule) is not bool(row.reason)

"""docs/traps/appspec.md says which rules speak of each trap: it is complete, its rules exist and have bad examples."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from cilint.engine.pages import load, page_paths
from tests.conftest import ROOT
from tests.tables import cells

PAGES = {page.name: page for page in (load(path) for path in page_paths(f"{ROOT}/rules"))}


class Trap(NamedTuple):
    number: str
    what: str
    rules: tuple[str, ...]
    reason: str


def _traps() -> list[Trap]:
    found = []
    for line in (ROOT / "docs" / "traps" / "appspec.md").read_text(encoding="utf-8").splitlines():
        row = cells(line)
        if line.startswith("|") and len(row) == 4 and row[0] not in ("no.", "---"):
            found.append(Trap(row[0], row[1], tuple(re.findall(r"[a-z][a-z0-9-]+", row[2])), row[3]))
    return found


TRAPS = _traps()


def test_each_known_trap_has_one_row() -> None:
    """28 errors of the agent and 11b, 30 traps of appspecs, 23 of CodeDeploy, 4 of deploy specs, and what was found."""
    expected = [str(number) for number in range(1, 29)] + ["11b"]
    expected += [f"AS-{number:02}" for number in range(1, 31)] + [f"CD-{number:02}" for number in range(1, 24)]
    expected += ["bom", "crlf", "alias", "user", "owner", "chmod", "escape"]
    expected += ["spec-form", "spec-event", "spec-hooks", "spec-script"]
    assert sorted(trap.number for trap in TRAPS) == sorted(expected)


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.number)
def test_a_trap_has_rules_that_show_it_or_a_reason(trap: Trap) -> None:
    for name in trap.rules:
        assert name in PAGES, f"there is no rule {name}"
        assert PAGES[name].data["bad"], f"the page of {name} shows nothing"
    assert trap.rules or trap.reason


def test_each_rule_about_ec2_appspecs_stands_in_a_row() -> None:
    """A new rule is either in the table or no trap: the notes on style and completeness."""
    named = {name for trap in TRAPS for name in trap.rules}
    no_traps = {
        "appspec-ec2-odd-value",
        "destination-not-absolute",
        "hook-without-timeout",
        "permissions-wrong-shape",
        "script-without-interpreter",
        "source-is-url",
    }
    rules = {name for name, page in PAGES.items() if page.data["kinds"] == ["appspec-ec2"]}
    assert rules - named - no_traps == set()

"""Where Access Analyzer has spoken of AWS's managed policies, cilint does too: docs/traps/access-analyzer.md.

The findings are those of the repository zoph-io/MAMIP, which is under the GPL and not shipped: CILINT_MAMIP names a
checkout of it.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from cilint.core.context import EmptyTree
from cilint.engine import index
from cilint.engine.analyze import analyze

PAGE = Path(__file__).parents[2] / "docs/traps/access-analyzer.md"
RULES = index.load().rules
CHECKS = yaml.safe_load(Path(__file__).with_name("access_analyzer.yaml").read_text())


class Agreement(NamedTuple):
    """A row of the table."""

    check: str
    findings: int
    policies: int
    rules: tuple[str, ...]
    found: int
    difference: str


def _rows() -> list[Agreement]:
    rows = [line.strip("| ").split("|") for line in PAGE.read_text().splitlines() if line.startswith("| ")][1:]
    cells = [[cell.strip() for cell in row] for row in rows]
    return [
        Agreement(check, int(findings), int(policies), tuple(rules.split(", ")), int(found), "".join(difference))
        for check, findings, policies, rules, found, *difference in cells
    ]


ROWS = _rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.check)
def test_a_row_names_a_check_and_its_rules_and_explains_what_differs(row: Agreement) -> None:
    assert row.check in CHECKS
    assert [name for name in row.rules if name not in {rule.name for rule in RULES}] == []
    assert bool(row.difference) == (row.found < row.policies or row.rules != (CHECKS[row.check]["rule"],))


@pytest.fixture(scope="module")
def checkout() -> Path:
    path = Path(os.environ.get("CILINT_MAMIP", "nowhere"))
    if not (path / "findings").is_dir():
        pytest.skip("Access Analyzer's findings are not on this machine (CILINT_MAMIP names a checkout of MAMIP)")
    return path


@pytest.fixture(scope="module")
def said(checkout: Path) -> dict[str, Counter[str]]:
    """Policy to how often each check of Access Analyzer speaks of it."""
    found = {}
    for path in sorted((checkout / "findings").glob("*.json")):
        found[path.stem] = Counter(each["issueCode"] for each in json.loads(path.read_text()))
    return found


@pytest.fixture(scope="module")
def ours(checkout: Path, said: dict[str, Counter[str]]) -> dict[str, set[str]]:
    """Rule to the policies of these that it speaks of."""
    found = defaultdict(set)
    for name in said:
        text = json.dumps(_document(json.loads((checkout / "policies" / name).read_text())), indent=2)
        for each in analyze(f"{name}.json", text.encode(), RULES, EmptyTree()).diagnostics:
            found[each.rule].add(name)
    return found


def _document(policy: dict[str, Any]) -> Any:
    return policy["PolicyVersion"]["Document"] if "PolicyVersion" in policy else policy


def test_every_check_that_has_spoken_is_in_the_table(said: dict[str, Counter[str]]) -> None:
    spoken: Counter[str] = Counter()
    for counts in said.values():
        spoken.update(counts)
    assert {row.check: row.findings for row in ROWS} == spoken


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.check)
def test_agreement(row: Agreement, said: dict[str, Counter[str]], ours: dict[str, set[str]]) -> None:
    policies = {name for name, counts in said.items() if row.check in counts}
    found = policies & set().union(*(ours.get(rule, set()) for rule in row.rules))
    assert (len(policies), len(found)) == (row.policies, row.found), policies - found

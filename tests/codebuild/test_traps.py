"""The table of traps (docs/traps/codebuild.md) is complete, and names rules that exist and speak of the right files."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from cilint.engine import index as rule_index
from tests.tables import cells

TABLE = Path(__file__).parent.parent.parent / "docs" / "traps/codebuild.md"
INDEX = rule_index.load()


class Trap(NamedTuple):
    """A row of the table."""

    id: str
    what: str
    rules: tuple[str, ...]
    reason: str


def traps() -> list[Trap]:
    rows = [line for line in TABLE.read_text().splitlines() if line.startswith(("| BS-", "| PR-"))]
    found = []
    for row in rows:
        name, what, rules, reason = cells(row)
        found.append(Trap(name, what, tuple(rule.strip() for rule in rules.split(",") if rule.strip()), reason))
    return found


def test_every_trap_is_in_the_table_once() -> None:
    wanted = [f"BS-{n:02}" for n in range(1, 58)] + [f"PR-{n:02}" for n in range(1, 31)]
    assert [trap.id for trap in traps()] == wanted


@pytest.mark.parametrize("trap", traps(), ids=lambda trap: trap.id)
def test_a_trap_has_a_rule_or_a_reason(trap: Trap) -> None:
    assert trap.what
    assert trap.rules or trap.reason
    assert not [name for name in trap.rules if INDEX.by_name(name) is None]

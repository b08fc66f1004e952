"""Markdown for a step's summary, read back by a reader of GitHub's Markdown tables."""

from __future__ import annotations

import re

from cilint.engine.result import Edit, PlacedFix
from cilint.engine.run import Unread
from cilint.report.markdown import MAX_ROWS, render
from tests.report.sample_reports import diagnostic, place, report


def rows(content: str) -> list[list[str]]:
    """The cells of the table's rows: a bar ends a cell unless a backslash stands before it."""
    lines = [line for line in content.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_a_row_for_each_finding_the_gravest_first() -> None:
    found = rows(render(report(diagnostic("one", severity="note"), diagnostic("two", severity="error"))))
    assert found == [
        ["❌ error", "`buildspec.yml:1`", "two", "XX001 some-rule"],
        ["💡 note", "`buildspec.yml:1`", "one", "XX001 some-rule"],
    ]


def test_text_of_a_file_is_text_and_code_stays_code() -> None:
    nasty = "`a|b` is *no* <script> | [link](http://x) ![i](y)\n# heading `c`"
    ((_level, where, what, _rule),) = rows(render(report(diagnostic(nasty, where=place(path="a|`b`.yml")))))
    assert what == (
        "<code>a&#124;b</code> is \\*no\\* \\<script\\> \\| \\[link\\](http://x) \\!\\[i\\](y) \\# heading `c`"
    )
    assert where == "<code>a&#124;`b`.yml:1</code>"


def test_a_fix_is_told() -> None:
    fix = PlacedFix("Rename it", "safe", (Edit(place(), "x"),))
    assert "*Fix (safe): Rename it.*" in render(report(diagnostic(fix=fix)))


def test_very_many_findings_are_cut_and_counted() -> None:
    content = render(report(*(diagnostic(str(number)) for number in range(MAX_ROWS + 7))))
    assert len(rows(content)) == MAX_ROWS
    assert "7 more findings are not shown." in content
    assert len(content.encode()) < 2**20


def test_nothing_found_has_no_table() -> None:
    assert rows(render(report())) == []
    assert "0 errors, 0 warnings in 0 files (1 checked" in render(report())


def test_a_file_that_cannot_be_read_has_a_row() -> None:
    assert rows(render(report(unread=(Unread("no.yml", "Permission denied"),))))[0][1] == "`no.yml`"

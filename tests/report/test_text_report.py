"""The text report: what a person sees at a terminal, word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilint.engine.result import Edit, FileResult, Note, PlacedFix
from cilint.engine.run import Report, Unread
from cilint.report.excerpt import cut, inline, width
from cilint.report.text import render
from tests.report.sample_reports import BUILDSPEC, check, diagnostic, place, report


def lines_of(each: Report, columns: int = 120) -> list[str]:
    return render(each, width=columns).splitlines()


def excerpt(line: str, at: str, columns: int = 40) -> list[str]:
    """The source line and the line below it, for a finding on the text `at`."""
    column = line.index(at) + 1
    found = diagnostic(where=place(7, column, 7, column + len(at)), lines=(line,))
    return lines_of(report(found), columns)[1:3]


def test_a_finding(project: Path) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    text = render(check())
    assert text.startswith(
        "buildspec.yml:4:18: warning: `DB_PASSWORD` looks like a secret in plain text, readable in the repository, the "
        "console and the API; keep it in Secrets Manager and name it under `env.secrets-manager` (or "
        "`env.parameter-store`) [BS101 plaintext-secret]\n"
        "  4 |     DB_PASSWORD: **************\n"
        "    |                  ^^^^^^^^^^^^^^\n"
        "\n"
    )
    assert "  = buildspec.yml:7:5: first here\n" in text
    assert re.fullmatch(r"0 errors, \d warnings in 1 file \(1 checked, 0 skipped, 0\.\d\d s\)", text.splitlines()[-1])


def test_notes_and_fixes_stand_below() -> None:
    fix = PlacedFix("Rename the key", "safe", (Edit(place(), "x"),))
    found = diagnostic(related=(Note(place(9, 3), "first here"),), fix=fix, lines=("key: value",))
    assert lines_of(report(found))[:6] == [
        "buildspec.yml:1:1: warning: it is wrong [XX001 some-rule]",
        "  1 | key: value",
        "    | ^",
        "  = buildspec.yml:9:3: first here",
        "  = fix (safe): Rename the key",
        "",
    ]


# Source lines


def test_a_span_over_several_lines_says_where_it_ends() -> None:
    found = diagnostic(where=place(3, 3, 9, 5), lines=("  build:  ", "    a: b"))
    assert lines_of(report(found))[1:3] == ["  3 |   build:  ", "    |   ^^^^^^ to line 9"]


def test_a_line_break_at_the_end_is_no_further_line() -> None:
    found = diagnostic(where=place(3, 3, 4, 1), lines=("  build:", ""))
    assert lines_of(report(found))[1:3] == ["  3 |   build:", "    |   ^^^^^^"]


def test_an_empty_span_is_a_caret() -> None:
    assert excerpt("key:", "")[1] == "    | ^"


def test_a_tab_is_four_blanks() -> None:
    assert excerpt("\tmake\tall", "all") == ["  7 |     make    all", "    |             ^^^"]


def test_wide_characters_and_combining_marks_are_measured() -> None:
    assert excerpt("日本: 語", "語") == ["  7 | 日本: 語", "    |       ^^"]
    assert excerpt("u\u0308ber: x", "x") == ["  7 | u\u0308ber: x", "    |       ^"]


@pytest.mark.parametrize(
    ("line", "at", "shown", "marked"),
    [
        ("key: " + "x" * 200, "key", "key: " + "x" * 27 + "…", "^^^"),
        ("x" * 200 + " key: y", "key", "…" + "x" * 10 + " key: y", " " * 12 + "^^^"),
        ("x" * 200 + "KEY" + "y" * 200, "KEY", "…" + "x" * 11 + "KEY" + "y" * 18 + "…", " " * 12 + "^^^"),
        ("a: " + "Y" * 200, "Y" * 200, "a: " + "Y" * 29 + "…", "   " + "^" * 29),
        ("日" * 100 + "KEY" + "本" * 100, "KEY", "…" + "日" * 5 + "KEY" + "本" * 9 + "…", " " * 11 + "^^^"),
    ],
    ids=["right", "left", "both", "long span", "wide"],
)
def test_a_long_line_is_cut_around_the_span(line: str, at: str, shown: str, marked: str) -> None:
    assert excerpt(line, at) == [f"  7 | {shown}", f"    | {marked}"]


def test_a_line_of_a_million_characters_is_cut_at_once() -> None:
    line = "x" * 1_000_000
    shown, before, marked = cut(line, 999_990, 999_995, 80)
    assert width(shown) <= 80
    assert (before, marked) == (27, 5)


LINES = st.text(st.sampled_from("ab \t日é\u0308😀\x1b\u202e"), max_size=120)


@given(LINES, st.data())
def test_a_cut_line_fits_and_its_mark_lies_within(line: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, len(line)))
    room = data.draw(st.integers(20, 100))
    shown, before, marked = cut(line, start, end, room)
    assert width(shown) <= room
    assert before + marked <= width(shown)
    assert shown.isprintable()


# What a checked file may not do


def test_escape_sequences_of_a_file_never_reach_the_terminal() -> None:
    evil = "\x1b[2J\x1b]0;title\x07\u202e\x9b31m"
    fix = PlacedFix(evil, "safe", ())
    found = diagnostic(
        f"unknown key `{evil}`\n::error::x",
        where=place(path=f"a{evil}.yml"),
        lines=(f"a{evil}: b",),
        related=(Note(place(path=evil), evil),),
        fix=fix,
    )
    text = render(report(found, unread=(Unread(evil, evil),), ignored=(evil,)))
    assert all(line.isprintable() for line in text.split("\n"))
    assert "\n::error::" not in text


def test_a_path_that_is_no_unicode_can_be_printed() -> None:
    assert inline("b\udcfcild.yml").encode() == "b\ufffdild.yml".encode()


# The closing line


@pytest.mark.parametrize(
    ("each", "closing"),
    [
        (report(), ["0 errors, 0 warnings in 0 files (1 checked, 0 skipped, 0.25 s)"]),
        (
            report(diagnostic(severity="error"), diagnostic(severity="note"), diagnostic(severity="note")),
            ["1 error, 0 warnings, 2 notes in 1 file (1 checked, 0 skipped, 0.25 s)"],
        ),
        (
            report(diagnostic(), diagnostic(where=place(path="b.yml"), severity="note")),
            ["0 errors, 1 warning, 1 note in 2 files (1 checked, 0 skipped, 0.25 s)"],
        ),
        (
            report(files=()),
            [
                "Nothing was checked: no file that cilint has rules for.",
                "0 errors, 0 warnings in 0 files (0 checked, 0 skipped, 0.25 s)",
            ],
        ),
        (
            report(files=(FileResult("main.tf", "terraform", False), FileResult("b.tf", "terraform", False))),
            [
                "Not checked: 2 terraform (cilint does not read Terraform)",
                "Nothing was checked: no file that cilint has rules for.",
                "0 errors, 0 warnings in 0 files (0 checked, 2 skipped, 0.25 s)",
            ],
        ),
        (
            report(unread=(Unread("a.yml", "Permission denied"),), ignored=("b.yml",)),
            [
                "a.yml: error: cannot be read: Permission denied",
                "b.yml: not checked: its content is none of the kinds that cilint knows",
                "1 error, 0 warnings in 1 file (1 checked, 2 skipped, 0.25 s)",
            ],
        ),
    ],
    ids=["clean", "notes", "two files", "nothing", "no rules", "unread"],
)
def test_the_closing_line(each: Report, closing: list[str]) -> None:
    assert lines_of(each)[-len(closing) :] == closing


def test_concise_is_a_line_a_finding() -> None:
    found = diagnostic(lines=("key: value",), related=(Note(place(), "here"),))
    assert render(report(found), concise=True).splitlines() == [
        "buildspec.yml:1:1: warning: it is wrong [XX001 some-rule]",
        "0 errors, 1 warning in 1 file (1 checked, 0 skipped, 0.25 s)",
    ]


def test_colour_changes_nothing_else() -> None:
    found = diagnostic(lines=("key: value",), related=(Note(place(), "here"),))
    coloured = render(report(found), colour=True)
    assert "\x1b[1;33mwarning\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(report(found))

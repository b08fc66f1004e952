"""A plain `cilint check` is read without click, and means the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilint.cli.check import command, request_of
from cilint.cli.quick import plain

ROOT = Path(__file__).parent.parent.parent
OPTIONS = [word for parameter in command.params for word in (*parameter.opts, *parameter.secondary_opts)]
WORDS = st.sampled_from(
    [*OPTIONS, "-", "--", "", "a.yml", "folder/", "sarif", "text", "never", "yaml", "BS101,SH", "sarif=out.sarif"]
)


@given(st.lists(WORDS, max_size=6))
def test_both_ways_read_the_same(words: list[str]) -> None:
    quickly = plain(["check", *words])
    if quickly is not None:
        context = command.make_context("check", list(words))
        assert quickly == request_of(dict(context.params))


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["."],
        ["a.yml", "b.json"],
        ["-"],
        ["--format", "github", "--output", "sarif=x.sarif", "."],
        ["-", "--stdin-filename", "ci/buildspec.yml", "--format", "json"],
        ["--force-exclude", "buildspec.yml"],
        ["--select", "BS", "--ignore", "BS101", "--ignore", "SH", "."],
        ["--fix", "--unsafe-fixes", "."],
    ],
)
def test_the_daily_calls_are_plain(words: list[str]) -> None:
    quickly = plain(["check", *words])
    assert quickly is not None
    assert quickly == request_of(dict(command.make_context("check", list(words)).params))


@pytest.mark.parametrize(
    "words", [["--help"], ["--format", "yaml"], ["--fromat", "json"], ["--format"], ["--config=x"]]
)
def test_all_else_is_left_to_click(words: list[str]) -> None:
    assert plain(["check", *words]) is None


def test_wrong_usage_is_said_as_ever() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cilint", "check", "--format", "yaml"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "'yaml' is not one of 'text'" in done.stderr


def test_a_reader_that_goes_away_is_no_crash() -> None:
    script = f"{sys.executable} -m cilint check --format json fixtures | head -c 1"
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == ""

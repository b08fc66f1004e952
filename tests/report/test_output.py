"""`--output`, `--format` and colour, as a user meets them on the command line."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cilint.cli import output
from cilint.cli.output import Output, OutputError, in_colour, outputs, progress
from tests.report.sample_reports import BUILDSPEC

ROOT = Path(__file__).parent.parent.parent


def cilint(*arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    inherited = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    return subprocess.run(
        [sys.executable, "-m", "cilint", "check", *arguments],
        input=stdin,
        capture_output=True,
        env=inherited | {"PYTHONPATH": str(ROOT)} | environment,
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_several_reports_of_one_run(project: Path) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    done = cilint("--output", "a.sarif", "--output", "b.json", "--output", "concise=c.log", "buildspec.yml")
    assert done.returncode == 1
    assert done.stderr == b""
    assert done.stdout.startswith(b"buildspec.yml:4:18: warning: ")
    results = json.loads((project / "a.sarif").read_text())["runs"][0]["results"]
    assert all("primaryLocationLineHash" in each["partialFingerprints"] for each in results)
    assert len(results) == len(json.loads((project / "b.json").read_text())["findings"]) >= 3
    assert len((project / "c.log").read_text().splitlines()) == len(results) + 1
    assert sorted(os.listdir(project)) == [".git", "a.sarif", "b.json", "buildspec.yml", "c.log"]


def test_standard_input_has_line_hashes_too(project: Path) -> None:
    done = cilint("--format", "sarif", "--stdin-filename", "ci/buildspec.yml", "-", stdin=BUILDSPEC.encode())
    (result, *_) = json.loads(done.stdout)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "ci/buildspec.yml"
    assert result["partialFingerprints"]["primaryLocationLineHash"].endswith(":1")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("none/out.sarif", "cilint: cannot write none/out.sarif: there is no directory none\n"),
        ("sarif=.git", "cilint: cannot write .git: it is a directory\n"),
        ("report.csv", "cilint: cannot tell the format of 'report.csv' by its ending; write FORMAT=FILE (text,"),
    ],
)
def test_a_file_that_cannot_be_written_ends_the_run_before_it_begins(project: Path, value: str, message: str) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    done = cilint("--output", "fine.json", "--output", value, "buildspec.yml")
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.decode().startswith(message)
    assert done.stderr.count(b"\n") == 1
    assert not (project / "fine.json").exists()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("out.sarif", Output("sarif", "out.sarif")),
        ("OUT.SARIF.json", Output("sarif", "OUT.SARIF.json")),
        ("out.json", Output("json", "out.json")),
        ("out.txt", Output("text", "out.txt")),
        ("concise=out.txt", Output("concise", "out.txt")),
        ("a=b.json", Output("json", "a=b.json")),
    ],
)
def test_the_format_of_a_file(project: Path, value: str, expected: Output) -> None:
    assert outputs((value,)) == (expected,)


@pytest.mark.parametrize("value", ["", "sarif=", "csv=out.csv"])
def test_what_names_no_format(value: str) -> None:
    with pytest.raises(OutputError, match="write FORMAT=FILE"):
        outputs((value,))


@pytest.mark.parametrize(
    ("wanted", "environment", "terminal", "colour"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_when_there_is_colour(
    monkeypatch: pytest.MonkeyPatch, wanted: str, environment: dict[str, str], terminal: bool, colour: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert in_colour(wanted, Terminal() if terminal else io.StringIO()) is colour


def test_a_file_gets_no_colour(project: Path) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    done = cilint("--color", "always", "--output", "out.txt", "buildspec.yml")
    assert b"\x1b[" in done.stdout
    assert "\x1b" not in (project / "out.txt").read_text()


def test_an_output_of_another_encoding_is_no_crash(project: Path) -> None:
    (project / "buildspec.yml").write_text("version: 0.2\nphases:\n  build: {日本: x, commands: [make]}\n")
    done = cilint("buildspec.yml", PYTHONIOENCODING="ascii")
    assert done.returncode in (0, 1), done.stderr
    assert b"build: {??: x" in done.stdout


def test_a_long_run_says_so_at_a_terminal_and_cleans_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(output, "_PATIENCE", 0.01)
    stream = Terminal()
    with progress(stream):
        deadline = time.monotonic() + 5
        while not stream.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    assert stream.getvalue().startswith("\rcilint: checking, 1 s")
    assert stream.getvalue().endswith("\r\x1b[K")


def test_a_short_run_and_a_pipe_are_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal, pipe = Terminal(), io.StringIO()
    with progress(terminal), progress(pipe):
        pass
    assert terminal.getvalue() == pipe.getvalue() == ""

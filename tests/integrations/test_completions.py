"""Completion in the shells themselves, where they are at hand."""

from __future__ import annotations

import os
import re
import select
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from cilint.cli.main import cli
from tests.integrations.tools import ROOT, tool


def script(shell: str) -> str:
    result = CliRunner().invoke(cli, ["completions", shell])
    assert result.exit_code == 0
    return result.output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_reads_its_script(shell: str) -> None:
    done = subprocess.run([tool(shell), "-n"], input=script(shell), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_another_shell_is_a_mistake() -> None:
    assert CliRunner().invoke(cli, ["completions", "tcsh"]).exit_code == 2


LINES = [
    ("cilint ch", ["check"]),
    ("cilint check --unsafe", ["--unsafe-fixes"]),
    ("cilint check --format gitl", ["gitlab"]),
]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables under which a shell finds this working tree as `cilint`; run by hand it only says its words."""
    program = tmp_path / "bin/cilint"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nif [ -z "$_CILINT_COMPLETE" ]; then echo "called: $*"; exit; fi\n'
        f'exec "{sys.executable}" -m cilint "$@"\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "TERM": "dumb"}


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_bash_completes(environment: dict[str, str], line: str, expected: list[str]) -> None:
    words = line.split()
    code = (
        f"{script('bash')}\nCOMP_WORDS=({line}); COMP_CWORD={len(words) - 1}\n"
        '_cilint_completion cilint; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run([tool("bash"), "-c", code], capture_output=True, text=True, env=environment)
    assert done.stdout.split() == expected, done.stderr


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_fish_completes(environment: dict[str, str], tmp_path: Path, line: str, expected: list[str]) -> None:
    (tmp_path / "cilint.fish").write_text(script("fish"))
    code = f"source {tmp_path}/cilint.fish; complete -C '{line}'"
    done = subprocess.run([tool("fish"), "-N", "-c", code], capture_output=True, text=True, env=environment)
    assert [shown.split("\t")[0] for shown in done.stdout.splitlines()] == expected, done.stderr


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_zsh_completes(environment: dict[str, str], tmp_path: Path, line: str, expected: list[str]) -> None:
    """Typed at a terminal: zsh completes only there."""
    (tmp_path / "cilint.zsh").write_text(script("zsh"))
    start = f"autoload -Uz compinit; compinit -u; source {tmp_path}/cilint.zsh; echo rea''dy\n"
    shown = typed([tool("zsh"), "-f", "-i"], environment, [(start, "ready"), (f"{line}\t\n", "called: .*\n")])
    called = shown.split("called: ")[1].split("\n")[0]  # the next prompt may be there already
    assert called.split() == [*line.split()[1:-1], *expected]


def typed(command: list[str], environment: dict[str, str], lines: list[tuple[str, str]]) -> str:
    """What a terminal shows of a program after the last of some inputs, each typed when the one before was answered."""
    import pty

    process, terminal = pty.fork()
    if process == 0:  # pragma: no cover - the program itself
        os.execvpe(command[0], command, environment)
    try:
        shown = ""
        for text, answer in lines:
            os.write(terminal, text.encode())
            shown = _read_until(terminal, answer)
        return shown
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)


def _read_until(terminal: int, answer: str) -> str:
    shown = ""
    until = time.monotonic() + 30
    while not re.search(answer, shown):
        ready, _, _ = select.select([terminal], [], [], max(0.0, until - time.monotonic()))
        assert ready, f"no {answer!r} in: {shown}"
        shown += os.read(terminal, 4096).decode("utf-8", "replace").replace("\r", "")
    return shown

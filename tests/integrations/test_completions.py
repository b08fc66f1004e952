"""Completion in the shells themselves, where they are at hand."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
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


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["cilint", "ch"], ["check"]),
        (["cilint", "check", "--unsafe"], ["--unsafe-fixes"]),
        (["cilint", "check", "--format", "gitl"], ["gitlab"]),
    ],
)
def test_bash_completes(tmp_path: Path, line: list[str], expected: list[str]) -> None:
    program = tmp_path / "cilint"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cilint "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    words = " ".join(f"'{word}'" for word in line)
    code = (
        f"{script('bash')}\nCOMP_WORDS=({words}); COMP_CWORD={len(line) - 1}\n"
        '_cilint_completion cilint; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([tool("bash"), "-c", code], capture_output=True, text=True, env=environment)
    assert done.stdout.split() == expected, done.stderr

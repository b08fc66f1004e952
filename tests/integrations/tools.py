"""Finding the tools of other people that the integrations are tried with, and running them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def tool(name: str) -> str:
    """The path of a command, beside this interpreter or on PATH; the test is skipped where there is none."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (the dev extra brings it)")
    return found


def node_package(name: str) -> Path:
    """The folder of an npm package; the test is skipped where it is not installed."""
    modules = Path(os.environ.get("CILINT_NODE_MODULES", ROOT / ".ci/tools/node_modules"))
    if not (modules / name).is_dir():
        pytest.skip(f"{name} is not installed (.ci/tools.sh does it; CILINT_NODE_MODULES names the folder)")
    return (modules / name).resolve()


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with variables added to the environment; git finds no configuration and no repository above."""
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1"}
    return subprocess.run(
        [str(each) for each in command],
        cwd=cwd,
        env={**os.environ, **quiet, **environment},
        capture_output=True,
        text=True,
    )


def git(*arguments: str, cwd: Path) -> None:
    """Run git as somebody."""
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "init.defaultBranch=main")
    done = run("git", *who, *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr

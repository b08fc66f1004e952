"""`docs/getting-started.md`, done as it says: each command in turn, in one copy of the example."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cilint.cli.main import cli
from tests.integrations.tools import ROOT

PAGE = (ROOT / "docs/getting-started.md").read_text()
COMMANDS = re.findall(r"^\$ cilint (.*)\n((?:(?!\$ |```).*\n)*)", PAGE, re.MULTILINE)


def test_each_command_prints_what_the_page_shows(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of the page in their order; a line of the page may be the start of one that is printed."""
    shutil.copytree(ROOT / "fixtures/first-look", project, dirs_exist_ok=True)
    assert len(COMMANDS) == 10
    for words, shown in COMMANDS:
        result = CliRunner().invoke(cli, shlex.split(words))
        assert result.exit_code in (0, 1), result.output
        printed = iter(result.output.splitlines())
        for line in shown.splitlines():
            assert any(each.startswith(line) for each in printed), f"`cilint {words}` does not print: {line}"


def test_the_page_names_files_that_there_are() -> None:
    named = re.findall(r"`(docs/[a-z-]+\.md)`", PAGE)
    assert named
    assert all((ROOT / name).is_file() for name in named)

"""What the command line says to those who ask it, and to those who have slipped."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cilint.cli.main import cli


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, prog_name="cilint", terminal_width=100)


def test_the_options_of_check_are_shown_by_what_they_are_for() -> None:
    """Each in a section of its own matter; of the last one only what every command has."""
    sections = run("check", "--help").stdout.split("\n\n")
    titles = [section.split("\n")[0] for section in sections if section.split("\n")[0].endswith(":")]
    assert titles == [
        "Which rules run:",
        "Other linters:",
        "Configuration:",
        "Reports:",
        "Fixes:",
        "Suppressions and baseline:",
        "Files:",
        "Other:",
    ]
    (left,) = sections[-1].split("\n")[1:-1]  # `-h, ` is not there once another test has made the command by itself
    assert left.endswith("--help  Show this message and exit.")


@pytest.mark.parametrize("group", [(), ("baseline",)])
def test_what_a_command_does_is_said_whole(group: tuple[str, ...]) -> None:
    assert "..." not in run(*group, "--help").stdout.split("Commands:")[1]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("chek", "No such command 'chek'. Did you mean 'check'?"),
        ("baselines", "No such command 'baselines'. Did you mean 'baseline'?"),
        ("explode", "No such command 'explode'. `cilint --help` lists them."),
        ("buildspec.yml", "'buildspec.yml' is no command; to check it, say `cilint check buildspec.yml`"),
    ],
)
def test_a_word_that_is_no_command(project: Path, said: str, answer: str) -> None:
    (project / "buildspec.yml").write_text("version: 0.2\n")
    result = run(said)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == f"Error: {answer}"

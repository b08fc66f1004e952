"""Which commands share a shell, and where the script's characters stand in the file."""

from __future__ import annotations

import pytest

from cilint.model.buildspec import Buildspec
from cilint.source.text import Span, decode
from cilint.source.yaml import parse_yaml

FILE = """\
version: {version}
phases:
  install:
    commands:
      - cd app
      - 'export NAME=''the shop'''
  build:
    commands:
      - |
        make "$NAME"
        make test
    finally:
      - rm -rf tmp
"""


def buildspec(version: str) -> Buildspec:
    document = parse_yaml(decode(FILE.format(version=version).encode()))
    assert document.root is not None
    return Buildspec(document.root, document.text)


def test_version_0_2_runs_all_commands_in_one_shell() -> None:
    (shell,) = buildspec("0.2").shells
    assert shell.text == "cd app\nexport NAME='the shop'\nmake \"$NAME\"\nmake test\nrm -rf tmp\n"


def test_version_0_1_runs_each_command_in_a_shell_of_its_own() -> None:
    assert [shell.text for shell in buildspec("0.1").shells] == [
        "cd app\n",
        "export NAME='the shop'\n",
        'make "$NAME"\nmake test\n',
        "rm -rf tmp\n",
    ]


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        ("cd app", "cd app"),
        ("the shop", "the shop"),
        ("NAME='the", "NAME=''the"),
        ("make test", "make test"),
        ("tmp", "tmp"),
    ],
)
def test_a_range_of_the_script_is_mapped_to_the_file(inside: str, outside: str) -> None:
    spec = buildspec("0.2")
    (shell,) = spec.shells
    start = shell.text.index(inside)
    span = shell.outer(Span(start, start + len(inside)))
    assert spec.text.content[span.start : span.end] == outside


def test_a_range_never_leaves_the_command_that_it_starts_in() -> None:
    spec = buildspec("0.2")
    (shell,) = spec.shells
    span = shell.outer(Span(0, len(shell.text)))
    assert spec.text.content[span.start : span.end] == "cd app"


def test_steps_are_the_simple_commands_in_order() -> None:
    assert [step.simple.name for step in buildspec("0.2").steps] == ["cd", "export", "make", "make", "rm"]

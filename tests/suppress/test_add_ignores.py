"""`--add-ignores`: comments that silence exactly what is meant, in a file that says the same as before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from cilint.cli.main import cli
from cilint.engine.ignores import annotate, pointer, same
from cilint.engine.result import FileResult
from cilint.source.read import read
from cilint.source.text import Span, decode
from tests.suppress.words import checked


def check(data: bytes) -> FileResult:
    return checked(decode(data).content)


def added(text: str, reason: str = "why", until: str = "", only: str = "") -> str:
    """The text after suppressions for all findings, or those of one rule, were written into it."""
    wanted = [each for each in check(text.encode()).diagnostics if only in each.rule]
    after = annotate("buildspec.yml", text.encode(), wanted, check, reason, until)
    assert not after.left
    return after.data.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: TODO\n", "a: TODO  # cilint: ignore[todo] why\n"),
        ("a: TODO", "a: TODO  # cilint: ignore[todo] why"),
        ("a: TODO FIXME TODO\n", "a: TODO FIXME TODO  # cilint: ignore[todo, fixme] why\n"),
        ("a: TODO # more\n", "a: TODO # more  # cilint: ignore[todo] why\n"),
        ("a: TODO FIXME # cilint: ignore[fixme] why", "a: TODO FIXME # cilint: ignore[fixme, todo] why"),
        ("a: [x,\n  TODO,\n  y]\n", "a: [x,\n  TODO,  # cilint: ignore[todo] why\n  y]\n"),
        ("a: x\r\nb: TODO\r\n", "a: x\r\nb: TODO  # cilint: ignore[todo] why\r\n"),
        (
            "c:\n  - |\n    ls\n    TODO\n  - y\n",
            "c:\n  - |  # cilint: ignore[todo] why\n    ls\n    TODO\n  - y\n",
        ),
        (
            'a:\n  b: "x\n    TODO\n    y"\n',
            'a:\n  # cilint: ignore[todo] why\n  b: "x\n    TODO\n    y"\n',
        ),
    ],
)
def test_where_it_goes(before: str, after: str) -> None:
    assert added(before) == after


def test_with_a_last_day() -> None:
    assert added("a: TODO\n", until="2999-12-31") == "a: TODO  # cilint: ignore[todo] why until=2999-12-31\n"


def test_only_what_is_wanted_is_silenced() -> None:
    text = "a: TODO FIXME\n"
    assert added(text, only="todo") == "a: TODO FIXME  # cilint: ignore[todo] why\n"


def test_a_reason_is_one_line_that_starts_no_other_comment() -> None:
    assert added("a: TODO\n", reason="one\ntwo #three") == "a: TODO  # cilint: ignore[todo] one two three\n"


def test_a_second_run_adds_nothing() -> None:
    once = added("a: TODO\nb:\n  - |\n    FIXME\n")
    assert added(once) == once


WORDS = st.sampled_from(
    ["TODO", "FIXME", "x", "y z", "TODO x", "# TODO", "x\nTODO\n", "x\n\n  FIXME: y\nz", "", "é TODO"]
)
TREES = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "FIXME", "d e"]), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    tree=st.dictionaries(st.sampled_from(["k", "TODO", "m"]), TREES, min_size=1),
    indent=st.integers(2, 5),
    flow=st.sampled_from([None, False, True]),
    style=st.sampled_from([None, "|", ">", '"', "'"]),
    width=st.sampled_from([10, 80]),
    crlf=st.booleans(),
    only=st.sampled_from(["", "todo", "fixme"]),
)
def test_what_is_written_silences_exactly_what_is_meant_and_changes_nothing(
    tree: object, indent: int, flow: bool | None, style: str | None, width: int, crlf: bool, only: str
) -> None:
    text = yaml.safe_dump(
        tree, indent=indent, default_flow_style=flow, default_style=style, width=width, allow_unicode=True
    )
    before = (text.replace("\n", "\r\n") if crlf else text).encode()
    found = check(before).diagnostics
    wanted = [each for each in found if only in each.rule]

    after = annotate("buildspec.yml", before, wanted, check, "why", "")

    assert same(read(decode(before), "x.yml"), read(decode(after.data), "x.yml"))
    left = [each.rule for each in check(after.data).diagnostics]
    assert sorted(left) == sorted([each.rule for each in found if only not in each.rule] + [e.rule for e in after.left])
    assert len(after.silenced) + len(after.left) == len(wanted)
    assert yaml.safe_load(after.data) == yaml.safe_load(before)


# --- in a run

SECRET = "version: 0.2\nenv:\n  variables:\n    DB_PASSWORD: hunter2hunter2\nphases: {build: {commands: [make]}}\n"


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, ["check", "--isolated", "--select", "BS101", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_the_files_are_written(project: Path) -> None:
    (project / "buildspec.yml").write_text(SECRET)
    done = run("--add-ignores", "--reason", "of a test")
    assert (done.exit_code, done.stdout) == (0, "1 finding suppressed in 1 file\n")
    assert "hunter2hunter2  # cilint: ignore[plaintext-secret] of a test\n" in (project / "buildspec.yml").read_text()
    assert run().exit_code == 0


def test_json_has_no_comments_and_the_configuration_takes_their_place(project: Path) -> None:
    text = json.dumps(yaml.safe_load(SECRET))
    (project / "buildspec.json").write_text(text)
    done = run("--add-ignores", "--reason", "of a test")
    assert done.exit_code == 1
    assert (project / "buildspec.json").read_text() == text
    said = done.stdout.partition("\n\n")[2]
    assert said == (
        '# cilint.toml\n[[suppress]]\npath = "/buildspec.json"\nat = "/env/variables/DB_PASSWORD"\n'
        'rules = ["plaintext-secret"]\nreason = "of a test"\n'
    )
    (project / "cilint.toml").write_text(said)
    assert CliRunner().invoke(cli, ["check", "--select", "BS101"]).exit_code == 0


def test_what_to_write_starts_from_the_configuration_that_holds_for_the_file(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps(yaml.safe_load(SECRET))
    (project / "app/ci").mkdir(parents=True)
    (project / "app/ci/buildspec.json").write_text(text)
    (project / "app/pyproject.toml").write_text("[tool.cilint]\n")
    monkeypatch.chdir(project / "app/ci")
    arguments = ["check", "--select", "BS101", "--add-ignores", "--reason", "of a test"]
    said = CliRunner().invoke(cli, arguments).stdout
    assert '# ../pyproject.toml\n[[tool.cilint.suppress]]\npath = "/ci/buildspec.json"\n' in said
    with (project / "app/pyproject.toml").open("a") as file:
        file.write(said.partition("\n\n")[2])
    assert CliRunner().invoke(cli, ["check", "--select", "BS101"]).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--add-ignores"], "give --reason TEXT"),
        (["--add-ignores", "--reason", " "], "give --reason TEXT"),
        (["--reason", "x"], "go with --add-ignores"),
        (["--add-ignores", "--reason", "x", "--until", "soon"], "--until 'soon' is no day"),
        (["-", "--add-ignores", "--reason", "x"], "cannot write into standard input"),
    ],
)
def test_wrong_usage(project: Path, arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr


@pytest.mark.parametrize(
    ("at", "expected"), [('"x"', "/a/1/b~1c"), ('"y"', "/a/0"), ('"b/c"', "/a/1/b~1c"), ('"z"', "/~0"), ("{", "")]
)
def test_pointer(at: str, expected: str) -> None:
    text = '{"a": ["y", {"b/c": "x"}], "~": "z"}'
    start = text.index(at)
    span = Span(start, start + len(at)) if at != "{" else Span(0, len(text))
    assert pointer(read(decode(text.encode()), "x.json"), span) == expected

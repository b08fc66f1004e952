"""`cilint rule`, `cilint rules` and `cilint schema`: what they print and how they end."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def cilint(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cilint", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a command writes to a terminal of 80 columns."""
    pty = pytest.importorskip("pty", reason="there are no pseudo terminals here")
    leader, follower = pty.openpty()
    settings = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", **environment}
    with subprocess.Popen(
        [sys.executable, "-m", "cilint", *arguments], cwd=ROOT, stdout=follower, env=settings
    ) as process:
        os.close(follower)
        written = b""
        while True:
            try:
                block = os.read(leader, 65536)
            except OSError:  # the other end is closed: Linux says it so
                break
            if not block:
                break
            written += block
    os.close(leader)
    assert process.returncode == 0
    return written.decode()


# ----------------------------------------------------------------------------------------------------------- explaining


def test_a_rule_is_explained_by_name_or_id() -> None:
    by_name, by_id = cilint("rule", "plaintext-secret"), cilint("rule", "bs101")
    assert by_name.stdout == by_id.stdout
    assert by_name.returncode == by_id.returncode == 0
    lines = by_name.stdout.splitlines()
    assert lines[:2] == ["plaintext-secret (BS101)", "A secret stands in plain text in a buildspec's variables."]
    assert lines[3] == "warning of medium confidence, security, about buildspec"
    assert [line for line in lines if line in ("Why", "Reported", "Not reported", "References")] == [
        "Why",
        "Reported",
        "Not reported",
        "References",
    ]
    assert '* "looks like a secret" at `hunter2hunter2`' in lines
    assert "    DB_PASSWORD: hunter2hunter2" in by_name.stdout
    assert "\x1b" not in by_name.stdout


def test_a_terminal_gets_markup_and_a_dumb_one_plain_text() -> None:
    pytest.importorskip("rich", reason="rich makes the markup")
    shown = on_a_terminal("rule", "BS101")
    assert "\x1b[" in shown
    assert "plaintext-secret (BS101)" in shown
    assert "* " not in shown and "```" not in shown
    assert "\x1b" not in on_a_terminal("rule", "BS101", TERM="dumb")
    assert not re.search(r"\x1b\[[0-9;]*[34][0-9]", on_a_terminal("rule", "BS101", NO_COLOR="1"))


def test_a_page_whose_examples_expect_no_place_can_be_explained() -> None:
    assert '"without credentials" (note)' in cilint("rule", "public-resource-policy").stdout


def test_every_rule_can_be_explained_on_an_ascii_terminal() -> None:
    for rule in json.loads(cilint("rules", "--format", "json").stdout)[:3]:
        assert cilint("rule", rule["id"], PYTHONIOENCODING="ascii").returncode == 0


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("plaintext-secrets", "did you mean 'plaintext-secret'?"),
        ("BS10l", "did you mean 'BS101'?"),
        ("something-else-entirely", "`cilint rules` lists them"),
    ],
)
def test_an_unknown_rule_gets_the_nearest_one(word: str, hint: str) -> None:
    done = cilint("rule", word)
    assert done.stderr == f"cilint: no rule is called {word!r}; {hint}\n"
    assert (done.stdout, done.returncode) == ("", 2)


# -------------------------------------------------------------------------------------------------------------- testing


def test_the_examples_of_own_rules_hold() -> None:
    done = cilint("rule", "test", "rules/cilint", "rules/buildspec/plaintext-secret.yaml")
    assert done.stdout.endswith(" examples, all right\n")
    assert done.stdout.startswith(f"{len(list((ROOT / 'rules/cilint').glob('*.yaml'))) + 1} pages, ")
    assert done.returncode == 0


def test_a_path_without_pages_is_wrong_usage(tmp_path: Path) -> None:
    done = cilint("rule", "test", str(tmp_path))
    assert (done.stderr, done.returncode) == (f"cilint: no page (.yaml) lies below {tmp_path}\n", 2)
    assert cilint("rule", "test", "no/such/path").returncode == 2


# -------------------------------------------------------------------------------------------------------------- listing


def test_rules_are_listed_one_a_line() -> None:
    lines = cilint("rules").stdout.splitlines()
    (line,) = [line for line in lines if line.startswith("BS101 ")]
    assert line.split()[:3] == ["BS101", "plaintext-secret", "warning"]
    assert line.endswith("a secret stands in plain text in a buildspec's variables")
    assert [line.split()[0] for line in lines] == sorted(line.split()[0] for line in lines)


def test_the_list_for_programs_says_all_that_a_page_says_in_words() -> None:
    rules = json.loads(cilint("rules", "--format", "json").stdout)
    (rule,) = [rule for rule in rules if rule["id"] == "IAM301"]
    assert rule == {
        "id": "IAM301",
        "name": "over-broad-permission",
        "family": "IAM",
        "summary": rule["summary"],
        "category": "security",
        "severity": "warning",
        "confidence": "high",
        "audience": "regular",
        "kinds": rule["kinds"],
        "fix": None,
        "preview": False,
        "own": True,
        "page": "iam/over-broad-permission.yaml",
    }


@pytest.mark.parametrize(
    ("option", "word", "field"),
    [
        ("--kind", "iam-policy", "kinds"),
        ("--category", "security", "category"),
        ("--audience", "regular", "audience"),
        ("--family", "bs", "family"),
    ],
)
def test_the_list_can_be_narrowed(option: str, word: str, field: str) -> None:
    everything = json.loads(cilint("rules", "--format", "json").stdout)
    found = json.loads(cilint("rules", "--format", "json", option, word).stdout)
    expected = word.upper() if option == "--family" else word
    assert found == [rule for rule in everything if rule[field] == expected or expected in rule[field]]
    assert found


def test_an_unknown_word_is_wrong_usage() -> None:
    done = cilint("rules", "--kind", "buildspce")
    assert (done.stderr, done.returncode) == (
        "cilint: no rule is of the kind 'buildspce'; did you mean 'buildspec'?\n",
        2,
    )
    assert cilint("rules", "--audience", "all").returncode == 2


# -------------------------------------------------------------------------------------------------------------- schemas


def test_a_schema_is_printed_as_published() -> None:
    done = cilint("schema", "buildspec")
    assert done.stdout == (ROOT / "schemas" / "buildspec.schema.json").read_text()
    assert cilint("schema", "buildspec.schema.json").stdout == done.stdout


def test_schemas_are_listed_with_their_titles() -> None:
    lines = cilint("schema").stdout.splitlines()
    assert [line.split()[0] for line in lines] == sorted(
        path.name.removesuffix(".schema.json") for path in (ROOT / "schemas").glob("*.schema.json")
    )
    assert lines[0].split(maxsplit=1)[1] == "AWS CodeDeploy AppSpec file for EC2/On-Premises"


def test_an_unknown_schema_gets_the_nearest_one() -> None:
    done = cilint("schema", "buildspce")
    assert (done.stderr, done.returncode) == ("cilint: no schema is called 'buildspce'; did you mean 'buildspec'?\n", 2)

"""`[[suppress]]` entries that silence nothing or are over: findings in the configuration, with fixes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cilint.cli.main import cli
from cilint.engine import toml

POLICY = """\
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
  {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}
]}
"""
USED = '[[suppress]]\npath = "/ci/deploy.json"\nat = "/Statement/0"\nrules = ["service-wildcard"]\nreason = "boots"\n'


def entry(path: str = "/ci/deploy.json", at: str = "", rules: str = '"service-wildcard"', until: str = "") -> str:
    lines = [f'path = "{path}"', f"rules = [{rules}]", 'reason = "it boots the account"']
    lines += [f'at = "{at}"'] if at else []
    lines += [f"until = {until}"] if until else []
    return "\n".join(["[[suppress]]", *lines]) + "\n"


@pytest.fixture
def policies(project: Path) -> Path:
    (project / "ci").mkdir()
    (project / "ci/deploy.json").write_text(POLICY)
    return project


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, ["check", "--format", "concise", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def said(*arguments: str) -> list[str]:
    """What a check says about the configuration."""
    return [line for line in run(*arguments).stdout.splitlines() if line.startswith("cilint.toml:")]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (USED, ""),
        (entry(at="/Statement/0"), ""),
        (entry(), ""),
        (entry("*.json"), ""),
        (entry("ci/"), ""),
        (
            entry(at="/Statement/1"),
            "1:1: note: there is nothing at `/Statement/1` in `/ci/deploy.json` for `service-wildcard` to find; remove "
            "this suppression, or mend the place: there is one at ci/deploy.json:2",
        ),
        (entry(at="/Statement/5"), "1:1: note: there is nothing at `/Statement/5` in `/ci/deploy.json`; remove"),
        (entry("/ci/gone.json"), "1:1: note: no file that is checked here is called `/ci/gone.json`; remove"),
        (entry("gone-*.json"), "1:1: note: no file that is checked here is called `gone-*.json`; remove"),
        (
            entry(rules='"service-wildcard", "plaintext-secret"'),
            "3:30: note: there is nothing in `/ci/deploy.json` for `plaintext-secret` to find; remove",
        ),
        (entry(until="2020-02-29"), "1:1: warning: this suppression expired on 2020-02-29; mend what it hides"),
        (entry("cdk.out/**"), ""),  # not looked at unless it is named, so nobody knows
    ],
)
def test_what_is_said(policies: Path, written: str, expected: str) -> None:
    (policies / "cilint.toml").write_text(written)
    found = said()
    assert len(found) == bool(expected)
    assert all(line.startswith(f"cilint.toml:{expected}") for line in found)


def test_a_reason_can_be_required(policies: Path) -> None:
    (policies / "cilint.toml").write_text(USED.replace('reason = "boots"\n', ""))
    assert said() == []
    assert "gives no reason" in said("--extend-select", "suppression-without-reason")[0]


def test_what_was_not_looked_at_is_not_called_unused(policies: Path) -> None:
    (policies / "buildspec.yml").write_text("version: 0.2\nphases: {build: {commands: [make]}}\n")
    (policies / "cilint.toml").write_text(entry("/ci/gone.json") + entry("*.json", rules='"privilege-escalation"'))
    assert len(said()) == 2
    assert said("buildspec.yml") == said("ci") == []


def test_a_file_that_was_named_is_enough_for_what_names_it(policies: Path) -> None:
    (policies / "cilint.toml").write_text(entry(rules='"privilege-escalation"') + entry("*.json", rules='"BS101"'))
    assert [line.split(":")[1] for line in said("ci/deploy.json")] == ["1"]


def test_rules_that_are_off_are_not_called_unused(policies: Path) -> None:
    (policies / "cilint.toml").write_text(entry(rules='"plaintext-secret"'))
    assert said("--ignore", "plaintext-secret") == []
    assert said("--select", "service-wildcard,unused-suppression") == []
    assert len(said("--select", "plaintext-secret,unused-suppression")) == 1


def test_nothing_is_said_where_suppressions_are_not_obeyed(policies: Path) -> None:
    (policies / "cilint.toml").write_text(entry(until="2020-02-29") + entry("/ci/gone.json"))
    assert said("--no-suppressions") == []


def test_an_entry_of_a_file_that_others_extend_counts_once(policies: Path) -> None:
    """And is used where it is used anywhere."""
    (policies / "cilint.toml").write_text(entry("*.json") + entry("/ci/gone.json"))
    (policies / "ci/cilint.toml").write_text('extend = "../cilint.toml"\n')
    assert [line.split(":")[1] for line in said()] == ["5"]


def test_it_can_be_known_to_the_baseline(policies: Path) -> None:
    (policies / "cilint.toml").write_text(entry("/ci/gone.json") + USED)
    assert CliRunner().invoke(cli, ["baseline", "create"]).exit_code == 0
    (policies / "cilint.toml").write_text("# more lines\n\n" + USED + entry("/ci/gone.json"))
    assert said() == []


AFTER = '# what is known\n[known]\naccounts = ["123456789012"]\n'
BETWEEN = f'fail-on = "error"  # for now\n\n# of the boot\n{USED}\n{{}}\n{AFTER}'


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "odd",
    [
        entry("/ci/gone.json"),
        entry(at="/Statement/9"),
        entry(until="2020-01-01") + "\n" + entry("gone/"),
        "[[suppress]]  # old\nrules = [\n  'BS101',\n  \"IAM501\",\n]\npath = '*.json' # all\n",
    ],
)
def test_the_fix_removes_them_and_nothing_else(policies: Path, odd: str, line_end: str) -> None:
    written = BETWEEN.replace("{}", odd).replace("\n", line_end).encode()
    (policies / "cilint.toml").write_bytes(written)
    result = run("--fix")
    after = (policies / "cilint.toml").read_bytes()
    assert after == BETWEEN.replace("{}\n", "").replace("\n", line_end).encode()
    assert result.exit_code == 0
    assert "fixed nothing" in run("--fix").stderr, "a second time there is nothing to do"
    assert (policies / "cilint.toml").read_bytes() == after


def test_the_fix_leaves_no_blank_lines_at_the_end(policies: Path) -> None:
    (policies / "cilint.toml").write_text("\n".join([USED, entry("/ci/gone.json"), entry(until="2020-01-01")]))
    assert "fixed 2 findings in 1 file" in run("--fix").stderr
    assert (policies / "cilint.toml").read_text() == USED


def test_of_several_rules_only_the_others_are_named(policies: Path) -> None:
    several = entry(rules='"plaintext-secret", "service-wildcard", \'IAM501\'')
    (policies / "cilint.toml").write_text(several)
    run("--fix")
    assert (policies / "cilint.toml").read_text() == entry()


def test_a_table_of_pyproject_is_mended_and_the_rest_is_not_touched(policies: Path) -> None:
    other = '[project]\nname = "shop"\n\n'
    ours = (USED + entry("/ci/gone.json")).replace("[[suppress]]", "[[tool.cilint.suppress]]")
    (policies / "pyproject.toml").write_text(other + ours)
    run("--fix")
    used = USED.replace("[[suppress]]", "[[tool.cilint.suppress]]")
    assert (policies / "pyproject.toml").read_text() == other + used


def test_a_list_in_one_line_is_told_of_and_left(policies: Path) -> None:
    written = 'suppress = [{path = "/ci/gone.json", rules = ["BS101"], reason = "x"}]\n'
    (policies / "cilint.toml").write_text(written)
    assert said() == said("--fix") != []
    assert (policies / "cilint.toml").read_text() == written


def test_the_diff_shows_what_the_fix_would_write(policies: Path) -> None:
    (policies / "cilint.toml").write_text(USED + entry("/ci/gone.json"))
    result = run("--diff")
    assert result.exit_code == 1
    assert '-path = "/ci/gone.json"\n' in result.stdout
    assert toml.parse((policies / "cilint.toml").read_text())["suppress"][1]["path"] == "/ci/gone.json"


@pytest.mark.parametrize("name", ["json", "sarif", "gitlab", "junit", "rdjson", "markdown", "github"])
def test_every_format_can_tell_it(policies: Path, name: str) -> None:
    (policies / "cilint.toml").write_text(entry("/ci/gone.json"))
    result = CliRunner().invoke(cli, ["check", "--format", name])
    assert "is called `/ci/gone.json`; remove this suppression" in result.stdout
    if name == "sarif":
        results = json.loads(result.stdout)["runs"][0]["results"]
        (of_ours,) = (each for each in results if each["ruleId"] == "CI101")
        change = of_ours["fixes"][0]["artifactChanges"][0]
        assert change["artifactLocation"]["uri"] == "cilint.toml"
        assert change["replacements"][0]["deletedRegion"]["startLine"] == 1

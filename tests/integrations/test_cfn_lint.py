"""cfn-lint beside cilint: its findings in one report with ours. The real program where it is installed, else a stand-in
that answers as it does."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cilint.cli.main import cli
from cilint.engine import cfnlint

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: !GetAtt Role.Arn
      ArtifactStore: {Type: S3, Location: web}
      Stages:
        - Name: Source
          Actions:
            - Name: Code
              ActionTypeId: {Category: Source, Owner: AWS, Provider: CodeCommit, Version: "1"}
              Configuration: {RepositoryName: web, BranchName: main, PollForSourceChanges: false}
              OutputArtifacts: [{Name: Source}]
        - Name: Build
          Actions:
            - Name: Build
              ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}
              Configuration: {ProjectName: web}
              InputArtifacts: [{Name: Source}, {Name: Sauce}]
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      # ä and 𝄞 stand before what cfn-lint counts
      BucketNam: web
"""


@pytest.fixture
def real() -> str:
    found = cfnlint.program()
    if found is None:
        pytest.skip(f"cfn-lint is not installed ({cfnlint.PROGRAM} names it, or the PATH)")
    return found


@pytest.fixture
def stand_in(project: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a program that prints the given text and exits with the given code."""

    def make(prints: str, code: int = 0, before: str = "") -> None:
        script = project.parent / "cfn-lint-stand-in"
        said = project.parent / "arguments.json"
        body = f"""#!{sys.executable}
import json, sys, time
json.dump(sys.argv[1:], open({str(said)!r}, "w"))
{before}
sys.stdout.write({prints!r})
sys.exit({code})
"""
        script.write_text(body)
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv(cfnlint.PROGRAM, str(script))

    return make


def match(rule: str, line: int, column: int, end: int, *path: str | int, level: str = "Error") -> dict[str, Any]:
    return {
        "Filename": "template.yaml",
        "Level": level,
        "Location": {
            "Start": {"LineNumber": line, "ColumnNumber": column},
            "End": {"LineNumber": line, "ColumnNumber": end},
            "Path": list(path),
        },
        "Message": f"what {rule} says",
        "Rule": {"Id": rule, "ShortDescription": f"the rule {rule}", "Source": "https://example.com"},
    }


def check(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["check", *arguments])


def findings(*arguments: str) -> list[tuple[str, str, int, int, int]]:
    outcome = check("template.yaml", "--format", "json", *arguments)
    return [
        (each["id"], each["severity"], each["place"]["line"], each["place"]["column"], each["place"]["end_column"])
        for each in json.loads(outcome.stdout)["findings"]
    ]


def test_findings_of_both_are_in_one_report_in_the_order_of_the_file(project: Path, real: str) -> None:
    (project / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    found = [each for each in findings("--cfn-lint") if each[1] == "error"]
    assert ("cfn-lint/E3002", "error", 25, 7, 16) in found
    assert any(id.startswith("CP") and line == 20 for id, _, line, _, _ in found)
    assert [each[2:4] for each in found] == sorted(each[2:4] for each in found)


def test_without_being_asked_it_does_not_run(project: Path, stand_in: Any) -> None:
    stand_in("[]")
    (project / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    assert not any(id.startswith("cfn-lint/") for id, *_ in findings())
    assert not (project.parent / "arguments.json").exists()


def test_a_configuration_may_ask_for_it_and_cfn_lints_own_is_then_not_read(project: Path, stand_in: Any) -> None:
    stand_in(json.dumps([match("W2001", 2, 1, 10, "Resources", level="Warning")]))
    (project / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    (project / "cilint.toml").write_text("cfn-lint = true\n")
    assert ("cfn-lint/W2001", "warning", 2, 1, 10) in findings()
    assert "--config-file" in json.loads((project.parent / "arguments.json").read_text())
    findings("--cfn-lint")
    assert "--config-file" not in json.loads((project.parent / "arguments.json").read_text())


def test_levels_are_ours(project: Path, stand_in: Any) -> None:
    told = [
        match("E1", 22, 5, 9),
        match("W1", 22, 5, 9, level="Warning"),
        match("I1", 22, 5, 9, level="Informational"),
    ]
    stand_in(json.dumps(told), 14)
    (project / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    found = {id: level for id, level, *_ in findings("--cfn-lint")}
    assert [found[f"cfn-lint/{id}"] for id in ("E1", "W1", "I1")] == ["error", "warning", "note"]
    shown = {id for id, *_ in findings("--cfn-lint", "--severity", "error")}
    assert "cfn-lint/E1" in shown
    assert "cfn-lint/W1" not in shown


def test_what_we_say_better_is_said_once(project: Path, stand_in: Any) -> None:
    stage = ("Resources", "Pipeline", "Properties", "Stages", 1, "Actions", 0)
    stand_in(json.dumps([match("E3701", 20, 15, 29, *stage, "InputArtifacts"), match("E9999", 20, 15, 29, *stage)]))
    (project / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    there = [id for id, _, line, *_ in findings("--cfn-lint") if line == 20]
    assert any(id.startswith("CP") for id in there)
    assert "cfn-lint/E3701" not in there
    assert "cfn-lint/E9999" in there
    assert "cfn-lint/E3701" in [id for id, *_ in findings("--cfn-lint", "--ignore", "CP")], "where we say nothing"


def test_its_rules_are_selected_suppressed_and_given_levels_as_ours(project: Path, stand_in: Any) -> None:
    stand_in(json.dumps([match("E3002", 25, 7, 16, "Resources", "Bucket"), match("E3003", 22, 5, 9)]))
    suppressed = TEMPLATE.replace("BucketNam: web", "BucketNam: web # cilint: ignore[cfn-lint/E3002] known")
    (project / "template.yaml").write_text(suppressed, encoding="utf-8")

    def told(*arguments: str) -> set[str]:
        return {id for id, *_ in findings("--cfn-lint", *arguments) if id.startswith("cfn-lint/")}

    assert told() == {"cfn-lint/E3003"}
    assert told("--no-suppressions") == {"cfn-lint/E3002", "cfn-lint/E3003"}
    assert told("--ignore", "cfn-lint") == told("--select", "CP") == set()
    assert told("--select", "cfn-lint/E3003") == {"cfn-lint/E3003"}
    assert "unused-suppression" not in check("template.yaml").stdout, "it did not run, so nobody knows"
    (project / "cilint.toml").write_text('[severity]\ncfn-lint = "note"\n')
    assert {level for id, level, *_ in findings("--cfn-lint") if id.startswith("cfn-lint/")} == {"note"}


def test_sarif_names_its_rules(project: Path, stand_in: Any) -> None:
    stand_in(json.dumps([match("E3002", 25, 7, 16, "Resources", "Bucket")]))
    (project / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    (run,) = json.loads(check("template.yaml", "--cfn-lint", "--format", "sarif").stdout)["runs"]
    (result,) = (each for each in run["results"] if each["ruleId"] == "cfn-lint/E3002")
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "cfn-lint/E3002"
    assert result["locations"][0]["physicalLocation"]["region"]["startColumn"] == 7
    assert result["partialFingerprints"]


def test_its_findings_know_the_keys_that_lead_there(project: Path, stand_in: Any) -> None:
    stand_in(json.dumps([match("E3002", 25, 7, 16, "Resources", "Bucket")]))
    (project / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    at = json.loads(check("template.yaml", "--cfn-lint", "--format", "json").stdout)["findings"][-1]["keys"]
    assert at == "Resources.Bucket.Properties.BucketNam"


@pytest.mark.parametrize(
    ("prints", "code", "before", "said"),
    [
        ("", 1, "print('Traceback', file=sys.stderr); print('Boom: no memory', file=sys.stderr)", "Boom: no memory"),
        ("not JSON", 0, "", "it printed no JSON"),
        ("{}", 0, "", "it printed no JSON"),
    ],
)
def test_its_failure_is_one_line(project: Path, stand_in: Any, prints: str, code: int, before: str, said: str) -> None:
    stand_in(prints, code, before)
    (project / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    outcome = check("template.yaml", "--cfn-lint", "--format", "json")
    assert outcome.stderr.count("\n") == 1
    assert said in outcome.stderr
    assert json.loads(outcome.stdout)["findings"], "ours are all there"


def test_it_does_not_run_for_ever(project: Path, stand_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cfnlint, "_START", 0.1)
    monkeypatch.setattr(cfnlint, "_EACH", 0.1)
    stand_in("[]", 0, "time.sleep(60)")
    (project / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    assert "was stopped" in check("template.yaml", "--cfn-lint").stderr


def test_its_absence_is_said_in_one_line(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cfnlint.PROGRAM, str(project / "nowhere"))
    (project / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    outcome = check("template.yaml", "--cfn-lint", "--format", "json")
    assert outcome.stderr == (
        "cilint: cfn-lint is not installed, so its rules did not run: pip install 'cilint[cfn-lint]'\n"
    )


def test_matches_of_another_form_are_passed_over(project: Path, stand_in: Any) -> None:
    stand_in(json.dumps([{"Filename": "template.yaml", "Rule": 1}, 7, match("E1", 99, 1, 400)]))
    (project / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    (found,) = (each for each in findings("--cfn-lint") if each[0].startswith("cfn-lint/"))
    assert found[2] == 26, "a place behind the end is the end"

"""SARIF as GitHub code scanning reads it: what it uses, what it refuses, and its limits."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cilint.engine.fingerprint import line_hashes
from cilint.engine.result import Edit, FileResult, Note, PlacedFix
from cilint.engine.run import Report, Unread
from cilint.report.sarif import render
from tests.report.sample_reports import BUILDSPEC, INDEX, check, diagnostic, place, report, rule


def run_of(report: Report) -> dict[str, Any]:
    log = json.loads(render(report))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return dict(run)


def only(report: Report) -> dict[str, Any]:
    (result,) = run_of(report)["results"]
    return dict(result)


def where(result: dict[str, Any]) -> dict[str, Any]:
    (location,) = result["locations"]
    return dict(location["physicalLocation"])


# The run


def test_a_run_names_its_category_and_its_columns(project: Path) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    run = run_of(check())
    assert run["automationDetails"] == {"id": "cilint/"}
    assert run["columnKind"] == "utf16CodeUnits"
    assert "uri" not in run["originalUriBaseIds"]["%SRCROOT%"], "no path of this machine"
    assert str(project) not in json.dumps(run)
    (invocation,) = run["invocations"]
    assert invocation == {"executionSuccessful": True, "exitCode": 1}
    assert run["artifacts"] == [{"location": {"uri": "buildspec.yml", "uriBaseId": "%SRCROOT%"}}]


def test_a_clean_run_has_results_too_since_they_close_alerts(project: Path) -> None:
    assert run_of(report())["results"] == []


def test_files_that_could_not_be_read_are_notifications(project: Path) -> None:
    (invocation,) = run_of(report(unread=(Unread("a b.yml", "Permission denied"),)))["invocations"]
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["level"] == "error"
    assert notification["message"]["text"] == "a b.yml cannot be read: Permission denied."
    assert notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.yml"


def test_a_crash_is_a_notification_and_the_upload_is_not_refused(project: Path) -> None:
    crash = diagnostic("the rule x crashed on this file: KeyError", severity="error")._replace(
        rule="internal-error", id="CI005"
    )
    files = (FileResult("buildspec.yml", "buildspec", True, (crash,), crashed=True),)
    (invocation,) = run_of(report(crash, files=files, rules=INDEX.rules))["invocations"]
    assert invocation["executionSuccessful"] is True
    assert invocation["exitCode"] == 4
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == "the rule x crashed on this file: KeyError."
    assert notification["descriptor"] == {"id": "CI005"}


def test_nothing_checked_does_not_look_like_all_is_well(project: Path) -> None:
    (invocation,) = run_of(report(files=(), ignored=("notes.yml",)))["invocations"]
    texts = [each["message"]["text"] for each in invocation["toolConfigurationNotifications"]]
    assert texts == [
        "notes.yml is named but not checked.",
        "nothing was checked: no file that cilint has rules for.",
    ]


# Rules


def test_every_rule_that_could_speak_has_what_code_scanning_shows(project: Path) -> None:
    described = run_of(report(rules=INDEX.rules))["tool"]["driver"]["rules"]
    assert [each["id"] for each in described] == [each.id for each in INDEX.rules]
    for each, known in zip(described, INDEX.rules, strict=True):
        assert 0 < len(each["shortDescription"]["text"]) <= 1024
        assert 0 < len(each["fullDescription"]["text"]) <= 1024
        assert each["help"]["text"].strip() and each["help"]["markdown"].startswith(f"# {each['name']}")
        assert each["name"] == known.name != each["id"] and len(each["name"]) <= 255
        assert each["defaultConfiguration"]["level"] in ("note", "warning", "error")
        assert each["properties"]["precision"] in ("high", "medium", "low")
        assert each["properties"]["problem.severity"] in ("error", "warning", "recommendation")
        assert 2 <= len(each["properties"]["tags"]) <= 10
        is_security = "security-severity" in each["properties"]
        assert is_security == ("security" in each["properties"]["tags"]) == (known.category == "security")
        if is_security:
            assert 0 < float(each["properties"]["security-severity"]) <= 10
            assert isinstance(each["properties"]["security-severity"], str)


def test_help_is_the_page(project: Path) -> None:
    described = run_of(report(rules=INDEX.rules))["tool"]["driver"]["rules"]
    secret = next(each for each in described if each["name"] == "plaintext-secret")
    assert secret["helpUri"].startswith("https://docs.aws.amazon.com/codebuild/")
    assert "## Reported\n\n```yaml\nversion: 0.2\n" in secret["help"]["markdown"]
    assert "## Not reported\n\n```yaml\n" in secret["help"]["markdown"]
    assert f"* <{secret['helpUri']}>" in secret["help"]["markdown"]
    assert "    version: 0.2" in secret["help"]["text"]
    assert secret["properties"]["security-severity"] == "8.0"


def test_a_security_rule_without_a_number_of_its_own_gets_one_by_its_severity(project: Path) -> None:
    rules = tuple(rule(category="security", severity=each) for each in ("error", "warning", "note"))
    described = run_of(report(rules=rules))["tool"]["driver"]["rules"]
    assert [each["properties"]["security-severity"] for each in described] == ["8.0", "5.5", "2.0"]


def test_a_rule_without_a_page_of_ours_is_described_by_its_summary(project: Path) -> None:
    (described,) = run_of(report(rules=(rule(page="elsewhere/some-rule.yaml"),)))["tool"]["driver"]["rules"]
    assert described["fullDescription"]["text"] == described["help"]["text"].strip() == "Something is wrong."


# Places


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("buildspec.yml", "buildspec.yml"),
        ("ci files/build spec.yml", "ci%20files/build%20spec.yml"),
        ("a:b/buildspec.yml", "a%3Ab/buildspec.yml"),
        ("50%#?/buildspec.yml", "50%25%23%3F/buildspec.yml"),
        ("über/日本.yml", "%C3%BCber/%E6%97%A5%E6%9C%AC.yml"),
    ],
)
def test_uris_are_percent_encoded(project: Path, path: str, uri: str) -> None:
    (project / path).parent.mkdir(exist_ok=True)
    (project / path).write_text(BUILDSPEC)
    assert {where(each)["artifactLocation"]["uri"] for each in run_of(check())["results"]} == {uri}


def test_uris_start_at_the_root_of_the_repository(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "service/ci").mkdir(parents=True)
    (project / "service/ci/buildspec.yml").write_text(BUILDSPEC)
    monkeypatch.chdir(project / "service")
    for each in (check("."), check("ci/buildspec.yml"), check(str(project / "service/ci"))):
        locations = [where(each)["artifactLocation"] for each in run_of(each)["results"]]
        assert locations[0] == {"uri": "service/ci/buildspec.yml", "uriBaseId": "%SRCROOT%"}


def test_a_symbolic_link_is_reported_as_what_it_names(project: Path) -> None:
    (project / "shared").mkdir()
    (project / "shared/build.yml").write_text(BUILDSPEC)
    os.symlink("shared/build.yml", project / "buildspec.yml")
    assert where(run_of(check("buildspec.yml"))["results"][0])["artifactLocation"]["uri"] == "shared/build.yml"


def test_a_file_outside_the_repository_has_an_absolute_uri(project: Path) -> None:
    outside = project.parent / "buildspec.yml"
    outside.write_text(BUILDSPEC)
    artifact = where(run_of(check("../buildspec.yml"))["results"][0])["artifactLocation"]
    assert artifact == {"uri": outside.as_uri()}


def test_columns_count_utf16_units(project: Path) -> None:
    (project / "buildspec.yml").write_text('version: 0.2\nphases:\n  build: {"😀": x, commands: [make]}\n')
    result = next(each for each in run_of(check())["results"] if "unknown key" in each["message"]["text"])
    assert where(result)["region"] == {
        "startLine": 3,
        "startColumn": 11,
        "endLine": 3,
        "endColumn": 15,  # two quotes and a surrogate pair
        "snippet": {"text": '"😀"'},
    }
    assert where(result)["contextRegion"]["snippet"]["text"] == '  build: {"😀": x, commands: [make]}'


def test_a_long_block_is_shown_by_its_first_line(project: Path) -> None:
    lines = ("phases:", *(f"  line: {number}" for number in range(5)))
    physical = where(only(report(diagnostic(where=place(3, 1, 30, 5), lines=lines))))
    assert physical["region"] == {
        "startLine": 3,
        "startColumn": 1,
        "endLine": 3,
        "endColumn": 8,
        "snippet": {"text": "phases:"},
    }
    assert "contextRegion" not in physical, "the standard wants a context larger than its region"


def test_a_line_break_at_the_end_belongs_to_no_region(project: Path) -> None:
    physical = where(only(report(diagnostic(where=place(3, 3, 5, 1), lines=("  a:", "    b: 1", "")))))
    assert physical["region"] == {
        "startLine": 3,
        "startColumn": 3,
        "endLine": 4,
        "endColumn": 9,
        "snippet": {"text": "a:\n    b: 1"},
    }


def test_a_minified_file_is_not_repeated_with_every_finding(project: Path) -> None:
    line = "x" * 10_000
    near, whole = run_of(
        report(diagnostic(where=place(1, 5), lines=(line,)), diagnostic(where=place(1, 1, 1, 10_001), lines=(line,)))
    )["results"]
    assert where(near)["region"]["snippet"] == {"text": "x"}
    assert "contextRegion" not in where(near)
    assert "snippet" not in where(whole)["region"]


def test_lines_of_a_security_finding_stay_in_the_repository(project: Path) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    results = json.dumps(run_of(check())["results"])
    assert "looks like a secret" in results
    assert "finaly: x" in results
    assert "hunter2hunter2" not in results


# Results


def test_messages_end_in_a_period(project: Path) -> None:
    said = ["a note", "a sentence.", "did you mean `finally`?"]
    results = run_of(report(*(diagnostic(each) for each in said)))["results"]
    assert [each["message"]["text"] for each in results] == ["a note.", "a sentence.", "did you mean `finally`."]


def test_related_places_are_linked_from_the_message(project: Path) -> None:
    notes = (Note(place(9), "the role [prod]"), Note(place(4), "first here"))
    result = only(report(diagnostic("twice", related=notes)))
    assert result["message"]["text"] == "twice. See [the role \\[prod\\]](1), [first here](2)."
    assert [each["id"] for each in result["relatedLocations"]] == [1, 2]
    assert result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 9
    assert "codeFlows" not in result


def test_evidence_from_other_files_is_a_flow_to_the_finding(project: Path) -> None:
    note = Note(place(9, path="role.json"), "the role allows it")
    (flow,) = only(report(diagnostic("too broad", related=(note,))))["codeFlows"]
    (thread,) = flow["threadFlows"]
    uris = [each["location"]["physicalLocation"]["artifactLocation"]["uri"] for each in thread["locations"]]
    assert uris == ["role.json", "buildspec.yml"]


def test_what_looks_like_a_link_in_a_message_is_none(project: Path) -> None:
    assert "](1)" not in only(report(diagnostic("write `[x](1)` here")))["message"]["text"]


def test_safe_fixes_are_offered_and_unsafe_ones_are_not(project: Path) -> None:
    edit = Edit(place(2, 3, 2, 9), "finally")
    fixes = [PlacedFix("Rename the key", safety, (edit,)) for safety in ("safe", "unsafe")]
    safe, unsafe = run_of(report(*(diagnostic(fix=each) for each in fixes)))["results"]
    assert "fixes" not in unsafe
    (fix,) = safe["fixes"]
    assert fix["description"]["text"] == "Rename the key."
    (change,) = fix["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 9},
            "insertedContent": {"text": "finally"},
        }
    ]


def test_a_result_names_its_rule_by_id_and_index(project: Path) -> None:
    rules = (rule(id="AA001", name="other"), rule())
    result = only(report(diagnostic(), rules=rules))
    assert (result["ruleId"], result["ruleIndex"], result["level"], result["kind"]) == ("XX001", 1, "warning", "fail")


# Fingerprints


def test_the_line_hash_is_that_of_the_first_line(project: Path) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    hashes = line_hashes(BUILDSPEC.encode(), 100)
    results = run_of(check())["results"]
    assert len(results) >= 3
    for each in results:
        line = where(each)["region"]["startLine"]
        assert each["partialFingerprints"]["primaryLocationLineHash"] == hashes[line - 1]


def test_our_fingerprint_survives_moves_and_new_secrets_but_not_another_place(project: Path) -> None:
    def fingerprints(text: str) -> list[str]:
        (project / "buildspec.yml").write_text(text)
        return [each["partialFingerprints"]["cilint/v1"] for each in run_of(check())["results"]]

    before = fingerprints(BUILDSPEC)
    assert len(set(before)) == len(before)
    assert fingerprints("# moved\n\n" + BUILDSPEC) == before
    assert fingerprints(BUILDSPEC.replace("hunter2hunter2", "gatherer4gatherer4")) == before
    assert fingerprints(BUILDSPEC.replace("DB_PASSWORD", "OTHER_PASSWORD")) != before


def test_equal_findings_are_told_apart_by_a_count(project: Path) -> None:
    results = run_of(report(diagnostic(keys="phases"), diagnostic(keys="phases")))["results"]
    first, second = (each["partialFingerprints"]["cilint/v1"] for each in results)
    assert (first.split(":")[0], first.split(":")[1], second.split(":")[1]) == (second.split(":")[0], "1", "2")


# Limits


def test_of_too_many_results_the_gravest_stay_and_a_notification_says_so(project: Path) -> None:
    notes = [diagnostic(f"note {number}", severity="note") for number in range(5_000)]
    errors = [diagnostic(f"error {number}", severity="error") for number in range(3)]
    run = run_of(report(*notes, *errors))
    assert len(run["results"]) == 5_000
    assert [each["level"] for each in run["results"]][-3:] == ["error"] * 3
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("3 results are left out")


def test_a_result_has_no_more_places_than_are_shown(project: Path) -> None:
    result = only(report(diagnostic(related=tuple(Note(place(), f"place {number}") for number in range(2_000)))))
    assert len(result["relatedLocations"]) + len(result["locations"]) == 100
    assert "(99)" in result["message"]["text"] and "(100)" not in result["message"]["text"]

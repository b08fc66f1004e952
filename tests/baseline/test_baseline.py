"""The baseline: what it knows, what is new, what is gone, and what `cilint baseline` writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from cilint.cli.main import cli
from cilint.engine.baseline import Baseline, BaselineError, Identity, compare, load, new_only, written
from cilint.engine.result import Diagnostic
from cilint.report.sarif import log
from tests.report.sample_reports import diagnostic, place, report


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def check(*arguments: str) -> list[str]:
    """`path rule` of what is reported."""
    lines = run("check", "--format", "concise", "--select", "BS101,BS301", *arguments).stdout.splitlines()
    return [f"{line.split(':')[0]} {line.rsplit(maxsplit=1)[1][:-1]}" for line in lines if line.endswith("]")]


def write(path: Path, *names: str) -> None:
    """A buildspec with secrets of some names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    variables = "".join(f"    {name}: hunter2hunter2\n" for name in names)
    body = "phases:\n  build:\n    commands:\n      - make\n"
    path.write_text(f"version: 0.2\nenv:\n  variables:\n    A: b\n{variables}{body}")


def kept(project: Path) -> list[str]:
    rows = json.loads((project / "cilint-baseline.json").read_text())["findings"]
    return [f"{row['path']} {row['at']}" for row in rows]


BASELINE = ("baseline", "create", "--select", "BS101")


def test_only_new_findings_are_reported(project: Path) -> None:
    write(project / "buildspec.yml", "DB_PASSWORD")
    assert run(*BASELINE).stdout == "cilint-baseline.json knows 1 finding in 1 file\n"
    assert run("check").exit_code == 0
    write(project / "buildspec.yml", "API_TOKEN", "DB_PASSWORD")
    assert check() == ["buildspec.yml plaintext-secret"]
    assert check("--no-baseline") == ["buildspec.yml plaintext-secret"] * 2
    assert run("check").exit_code == 1


def test_the_closing_line_counts_known_and_gone(project: Path) -> None:
    write(project / "buildspec.yml", "DB_PASSWORD", "API_TOKEN")
    run(*BASELINE)
    write(project / "buildspec.yml", "API_TOKEN")
    said = run("check").stdout.splitlines()
    assert said[0] == "1 finding of the baseline gone; `cilint baseline prune` forgets what is mended"
    assert said[1].endswith(", 1 known")


def test_prune_forgets_and_adds_nothing(project: Path) -> None:
    write(project / "buildspec.yml", "DB_PASSWORD", "API_TOKEN")
    run(*BASELINE)
    write(project / "buildspec.yml", "API_TOKEN", "NEW_TOKEN")
    assert run("baseline", "prune", "--check").exit_code == 1
    assert len(kept(project)) == 2
    assert run("baseline", "prune").stdout == "cilint-baseline.json: 1 gone, 1 still there\n"
    assert kept(project) == ["buildspec.yml env.variables.API_TOKEN"]
    assert run("baseline", "prune", "--check").exit_code == 0


def test_update_adds_and_forgets_in_the_paths_that_are_named(project: Path) -> None:
    write(project / "a/buildspec.yml", "DB_PASSWORD")
    write(project / "b/buildspec.yml", "DB_PASSWORD")
    run(*BASELINE)
    write(project / "a/buildspec.yml", "API_TOKEN")
    write(project / "b/buildspec.yml", "API_TOKEN")
    assert run("baseline", "update", "a", "--baseline", "cilint-baseline.json").stdout.endswith(": 1 added, 1 gone\n")
    assert kept(project) == ["a/buildspec.yml env.variables.API_TOKEN", "b/buildspec.yml env.variables.DB_PASSWORD"]


def test_create_writes_over_nothing(project: Path) -> None:
    write(project / "buildspec.yml", "DB_PASSWORD")
    assert run(*BASELINE).exit_code == 0
    again = run(*BASELINE)
    assert again.exit_code == 2 and "renew it with `cilint baseline update`" in again.stderr
    assert run(*BASELINE, "--force").exit_code == 0


def test_show(project: Path) -> None:
    write(project / "buildspec.yml", "DB_PASSWORD")
    run(*BASELINE)
    assert run("baseline", "show").stdout.splitlines() == [
        "cilint-baseline.json knows 1 finding in 1 file",
        "",
        "BS101 plaintext-secret: 1",
        "  buildspec.yml: env.variables.DB_PASSWORD",
    ]


def test_a_moved_file_is_known_where_it_is_now(project: Path) -> None:
    write(project / "a/buildspec.yml", "DB_PASSWORD")
    run(*BASELINE)
    (project / "a").rename(project / "b")
    assert check() == []
    assert run("baseline", "update").stdout.endswith(": 0 added, 0 gone\n")
    assert kept(project) == ["b/buildspec.yml env.variables.DB_PASSWORD"]


def test_a_copied_file_is_new(project: Path) -> None:
    write(project / "a/buildspec.yml", "DB_PASSWORD")
    run(*BASELINE)
    write(project / "b/buildspec.yml", "DB_PASSWORD")
    assert check() == ["b/buildspec.yml plaintext-secret"]


def test_it_is_found_beside_the_configuration_and_from_any_directory(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project / "app/buildspec.yml", "DB_PASSWORD")
    (project / "cilint.toml").write_text('baseline = "ci/known.json"')
    (project / "ci").mkdir()
    assert "there is no" in run("check").stderr
    run(*BASELINE)
    assert (project / "ci/known.json").is_file()
    monkeypatch.chdir(project / "app")
    assert check() == check("buildspec.yml") == []
    assert check("--isolated") == ["buildspec.yml plaintext-secret"]
    assert check("--isolated", "--baseline", "../ci/known.json") == []


def test_suppressed_findings_are_not_taken_in(project: Path) -> None:
    write(project / "buildspec.yml", "DB_PASSWORD")
    path = project / "buildspec.yml"
    path.write_text(path.read_text().replace("hunter2\n", "hunter2  # cilint: ignore[BS101] of a test\n"))
    run(*BASELINE)
    assert kept(project) == []


# --- matching


def found(anchor: str, path: str = "a.yml", **values: str) -> Diagnostic:
    return diagnostic(where=place(path=path), anchor=anchor, **values)


def base(*anchors: str, path: str = "a.yml") -> Baseline:
    return Baseline(Identity("XX001", path, each) for each in anchors)


def test_equals_are_counted(project: Path) -> None:
    compared = compare(report(*[found("x")] * 3), base("x", "x"), "b.json")
    assert (len(compared.new), len(compared.known)) == (1, 2)


def test_a_message_that_changes_wakes_nothing(project: Path) -> None:
    assert not compare(report(found("x", message="said otherwise")), base("x"), "b.json").new


def test_a_crash_is_never_known(project: Path) -> None:
    crash = found("x")._replace(rule="internal-error")
    assert compare(report(crash), base("x"), "b.json").new == (crash,)


def test_what_was_not_looked_at_is_not_gone(project: Path) -> None:
    (project / "other.yml").write_text("")
    baseline = base("x", path="other.yml") + base("y", path="buildspec.yml") + base("z", path="deleted.yml")
    assert {who.path for who in compare(report(), baseline, "b.json").gone} == {"buildspec.yml", "deleted.yml"}


def test_sarif_says_that_results_are_new(project: Path) -> None:
    whole = report(found("x"), found("y"))
    (result,) = log(new_only(whole, base("x"), "b.json"), str(project))["runs"][0]["results"]
    assert result["baselineState"] == "new"
    assert "baselineState" not in log(whole, str(project))["runs"][0]["results"][0]


NAMES = st.sampled_from(["a", "b.c", 'd "e"', "f[é]"])


@given(st.lists(st.builds(Identity, NAMES, NAMES, NAMES), max_size=12))
def test_what_is_written_is_what_is_read(identities: list[Identity]) -> None:
    import tempfile

    baseline = Baseline(identities)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "b.json"
        path.write_text(written(baseline), encoding="utf-8")
        assert load(str(path)) == baseline


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no baseline of cilint; make it anew"),
        ("[]", "is no baseline of cilint"),
        ('{"version": 1, "findings": [{"rule": 1}]}', "is no baseline of cilint"),
        ('{"version": 9, "findings": []}', "is of version 9; this cilint reads version 1"),
    ],
)
def test_what_cannot_be_read(project: Path, text: str, message: str) -> None:
    (project / "b.json").write_text(text)
    with pytest.raises(BaselineError, match=message):
        load("b.json")
    assert message in run("check", "--baseline", "b.json").stderr

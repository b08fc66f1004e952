"""cilint as a library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import cilint

ROOT = Path(__file__).parent.parent
MISSPELT = "version: 0.2\nphases:\n  build:\n    commands: [make]\n    finaly: [make clean]\n"


def test_a_text_gives_a_report() -> None:
    report = cilint.check_text(MISSPELT, "ci/buildspec.yml", select=["BS001"])
    (only,) = report.diagnostics
    assert (only.rule, only.id, only.severity) == ("buildspec-unknown-key", "BS001", "warning")
    assert only.message == "unknown key `finaly` in `phases.build`; did you mean `finally`?"
    assert (only.place.path, only.place.line, only.place.column) == ("ci/buildspec.yml", 5, 5)
    assert (report.checked, report.exit_code) == (1, 1)


def test_bytes_are_decoded_as_a_file_is() -> None:
    (only,) = cilint.check_text(MISSPELT.encode("utf-16"), "buildspec.yml", select=["BS001"]).diagnostics
    assert only.place.line == 5
    said = cilint.check_text(b"version: 0.2\nphases: {build: {commands: ['\xff']}}\n", "buildspec.yml").diagnostics
    assert [each.rule for each in said] == ["undecodable-bytes"]


def test_files_and_directories_are_checked(tmp_path: Path) -> None:
    (tmp_path / "buildspec.yml").write_text(MISSPELT)
    by_directory = cilint.check_paths(tmp_path)
    by_file = cilint.check_paths([tmp_path / "buildspec.yml"])
    by_name = cilint.check_paths([str(tmp_path)])
    assert "BS001" in [each.id for each in by_directory.diagnostics]
    assert by_directory.diagnostics == by_file.diagnostics == by_name.diagnostics


def test_rules_are_chosen_as_on_the_command_line() -> None:
    def rules_of(**chosen: tuple[str, ...]) -> list[str]:
        return [each.rule for each in cilint.check_text(MISSPELT, "buildspec.yml", **chosen).diagnostics]  # type: ignore[arg-type]

    for word in ("BS001", "buildspec-unknown-key", "BS", "correctness"):
        assert "buildspec-unknown-key" in rules_of(select=(word,))
        assert "buildspec-unknown-key" not in rules_of(ignore=(word,))
    assert rules_of(select=("plaintext-secret",)) == []


def test_pages_of_ones_own_take_part(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "your-own-rules.md").read_text().split("```yaml\n")[1].split("```")[0]
    (tmp_path / "image-without-registry.yaml").write_text(page)
    text = "version: 0.2\nbatch: {build-list: [{identifier: a, env: {image: python}}]}\n"
    report = cilint.check_text(text, "buildspec.yml", rules=tmp_path)
    assert [each.id for each in report.diagnostics] == ["TEAM001"]
    (tmp_path / "image-without-registry.yaml").write_text("id: 1\n")
    with pytest.raises(ValueError, match=r"image-without-registry\.yaml:1: "):
        cilint.check_text(text, "buildspec.yml", rules=tmp_path)


def test_wrong_usage_is_an_exception() -> None:
    with pytest.raises(ValueError, match=r"'plaintext-secrets'; did you mean 'plaintext-secret'"):
        cilint.check_text("", "a.yml", select=["plaintext-secrets"])
    with pytest.raises(ValueError, match="a list of words"):
        cilint.check_text("", "a.yml", select="BS")
    with pytest.raises(ValueError, match="regular, pedantic, auditor"):
        cilint.check_text("", "a.yml", audience="everyone")  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError, match="no/such/file"):
        cilint.check_paths(["no/such/file"])
    with pytest.raises(AttributeError, match="check_everything"):
        cilint.check_everything  # type: ignore[attr-defined]  # noqa: B018


def test_importing_cilint_loads_no_engine() -> None:
    code = "import sys, cilint; print([name for name in sys.modules if name.startswith(('cilint.', 'yaml'))])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "['cilint.version']\n"
    assert {"check_paths", "check_text", "Report", "Diagnostic", "Place", "Rule"} <= set(dir(cilint))


def test_types_are_seen_from_outside(tmp_path: Path) -> None:
    (tmp_path / "user.py").write_text(
        "import cilint\n"
        "report: cilint.Report = cilint.check_paths(['.'], select=['BS'], audience='pedantic')\n"
        "first: cilint.Diagnostic = report.diagnostics[0]\n"
        "place: cilint.Place = first.place\n"
        "rule: cilint.Rule = report.rules[0]\n"
        "reveal_type(place.line)\n"
        "cilint.check_text(1, 'buildspec.yml')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file", "", str(tmp_path / "user.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert 'Revealed type is "builtins.int"' in done.stdout or 'Revealed type is "int"' in done.stdout
    assert [line for line in done.stdout.splitlines() if ": error:" in line and "arg-type" not in line] == []
    assert done.stdout.count(": error:") == 1

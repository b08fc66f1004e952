"""`cilint check --fix`, `--fix-only`, `--diff`, `--unsafe-fixes` as people call them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cilint.cli.main import cli

BUILDSPEC = "version: 0.2\nphases:\n  build:\n    comands: # all\n      - make\n"
FIXED = BUILDSPEC.replace("comands", "commands")


def cilint(*arguments: str, given: bytes | None = None) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli, ["check", *arguments], input=given)


@pytest.fixture
def buildspec(project: Path) -> Path:
    path = project / "buildspec.yml"
    path.write_text(BUILDSPEC)
    return path


def test_fix_writes_the_file_and_reports_what_is_left(buildspec: Path) -> None:
    result = cilint("--fix")
    assert buildspec.read_text() == FIXED
    assert "cilint: fixed 1 finding in 1 file" in result.stderr
    assert "0 errors, 0 warnings" in result.stdout
    assert result.exit_code == 0


def test_a_second_fix_changes_nothing(buildspec: Path) -> None:
    cilint("--fix")
    stamp = buildspec.stat().st_mtime_ns
    assert "cilint: fixed nothing" in cilint("--fix").stderr
    assert buildspec.stat().st_mtime_ns == stamp


def test_fix_leaves_what_it_cannot_fix_to_the_report(buildspec: Path) -> None:
    buildspec.write_text(BUILDSPEC + "    on-failure: STOP\n")
    result = cilint("--fix")
    assert "cannot be `STOP`" in result.stdout
    assert result.exit_code == 1


def test_fix_only_is_silent_about_the_rest(buildspec: Path) -> None:
    buildspec.write_text(BUILDSPEC + "    on-failure: STOP\n")
    result = cilint("--fix-only")
    assert result.stdout == ""
    assert result.exit_code == 0


def test_diff_is_a_patch_that_writes_nothing(buildspec: Path) -> None:
    result = cilint("--diff")
    assert result.exit_code == 1
    assert buildspec.read_text() == BUILDSPEC
    assert "cilint: would fix 1 finding in 1 file" in result.stderr
    subprocess.run(["patch", "-p0"], input=result.stdout_bytes, check=True, capture_output=True)
    assert buildspec.read_text() == FIXED
    assert cilint("--diff").exit_code == 0


def test_a_diff_holds_for_other_line_ends_and_no_final_one(buildspec: Path) -> None:
    old = BUILDSPEC.replace("\n", "\r\n").encode() + b"    finaly: x\xff"
    buildspec.write_bytes(old)
    patch = cilint("--diff").stdout_bytes
    subprocess.run(["patch", "--binary", "-p0"], input=patch, check=True, capture_output=True)
    assert buildspec.read_bytes() == old.replace(b"comands", b"commands").replace(b"finaly", b"finally")


def test_only_what_is_selected_is_fixed(buildspec: Path) -> None:
    cilint("--fix", "--ignore", "buildspec-unknown-key")
    assert buildspec.read_text() == BUILDSPEC


def test_what_the_baseline_knows_is_left_alone(buildspec: Path) -> None:
    CliRunner().invoke(cli, ["baseline", "create", "--baseline", "known.json"])
    known = buildspec.read_text()
    buildspec.write_text(known + "    on-failure: ABROT\n")
    cilint("--fix", "--baseline", "known.json")
    assert buildspec.read_text() == known + "    on-failure: ABORT\n"


def test_standard_input_goes_fixed_to_standard_output(project: Path) -> None:
    result = cilint("-", "--fix", "--stdin-filename", "buildspec.yml", given=BUILDSPEC.encode())
    assert result.stdout == FIXED
    assert "0 warnings" in result.stderr


def test_standard_input_without_a_fix_comes_out_as_it_was(project: Path) -> None:
    assert cilint("-", "--fix-only", "--stdin-filename", "buildspec.yml", given=FIXED.encode()).stdout == FIXED


def test_unsafe_fixes_alone_are_a_mistake(project: Path) -> None:
    result = cilint("--unsafe-fixes")
    assert result.exit_code == 2
    assert "give --fix, --fix-only or --diff with it" in result.stderr


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere; other systems differ")
def test_a_file_that_cannot_be_written_is_named(buildspec: Path) -> None:
    buildspec.chmod(0o444)
    result = cilint("--fix-only")
    assert "buildspec.yml is not fixed: it is not writable" in result.stderr
    assert result.exit_code == 2


def test_mode_and_link_of_a_file_stay(buildspec: Path, project: Path) -> None:
    buildspec.rename(project / "real.yml")
    (project / "real.yml").chmod(0o640)
    buildspec.symlink_to("real.yml")
    cilint("--fix", "buildspec.yml")
    assert buildspec.is_symlink()
    assert (project / "real.yml").read_text() == FIXED
    assert (project / "real.yml").stat().st_mode & 0o777 == 0o640

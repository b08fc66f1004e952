"""`cilint check`: which paths it takes, what `--show-files` prints, what it says of files that it does not check."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cilint.core import resources

BUILDSPEC = "version: 0.2\nphases:\n  build:\n    commands: [make]\n"
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}'
APPSPEC = "version: 0.0\nos: linux\nfiles: [{source: /, destination: /srv}]\n"
TEMPLATE = "Resources: {Topic: {Type: AWS::SNS::Topic}}\n"


def cilint(folder: Path, *arguments: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    root = resources.checkout()
    assert root is not None
    return subprocess.run(
        [sys.executable, "-m", "cilint", "check", *arguments],
        cwd=folder,
        input=text,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": root, "PYTHONUTF8": "1"},
        timeout=60,
        check=False,
    )


def shown(folder: Path, *arguments: str, text: bytes = b"") -> tuple[int, list[str]]:
    """Exit code and lines of `--show-files`."""
    done = cilint(folder, "--show-files", *arguments, text=text)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout.decode().splitlines()


def put(root: Path, files: dict[str, str]) -> None:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)


def test_one_line_a_file_with_its_kind(tmp_path: Path) -> None:
    put(tmp_path, {"ci/build.yml": BUILDSPEC, "policy.json": POLICY, "main.tf": "", "package.json": '{"name": "web"}'})
    assert shown(tmp_path) == (
        0,
        ["main.tf\tterraform (not checked)", "policy.json\tiam-policy", "ci/build.yml\tbuildspec"],
    )


def test_no_rule_runs(tmp_path: Path) -> None:
    put(tmp_path, {"buildspec.yml": BUILDSPEC.replace("build:", "pre-build:")})
    assert cilint(tmp_path).returncode == 1
    assert shown(tmp_path) == (0, ["buildspec.yml\tbuildspec"])


def test_nothing_to_check_is_exit_code_3(tmp_path: Path) -> None:
    assert shown(tmp_path) == (3, [])
    put(tmp_path, {"main.tf": ""})
    assert shown(tmp_path) == (3, ["main.tf\tterraform (not checked)"])
    assert cilint(tmp_path).returncode == 3


def test_standard_input(tmp_path: Path) -> None:
    assert shown(tmp_path, "-", text=POLICY.encode()) == (0, ["stdin.yml\tiam-policy"])
    named = ("-", "--stdin-filename", "ci/build.yml")
    assert shown(tmp_path, *named, text=BUILDSPEC.encode()) == (0, ["ci/build.yml\tbuildspec"])


def test_an_editor_may_send_a_file_that_git_ignores(tmp_path: Path) -> None:
    put(tmp_path, {".gitignore": "*.yml\n", ".git/config": ""})
    bad = BUILDSPEC.replace("build:", "pre-build:")
    done = cilint(tmp_path, "-", "--stdin-filename", "buildspec.yml", text=bad.encode())
    assert done.returncode == 1
    assert done.stdout.startswith(b"buildspec.yml:3:3: ")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-", "buildspec.yml"], "standard input (-) cannot be checked together with other paths"),
        (["--stdin-filename", "a.yml", "."], "--stdin-filename names the text on standard input; give - as the path"),
        (["--stdin-filename", "a.yml"], "--stdin-filename names the text on standard input; give - as the path"),
        (["missing.yml"], "missing.yml: no such file or directory"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(tmp_path: Path, arguments: list[str], says: str) -> None:
    done = cilint(tmp_path, *arguments)
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", f"cilint: {says}\n")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("notes.yml", "a: b\n", "its content is none of the kinds that cilint knows"),
        ("appspec.yml.j2", "os: {{ os }}\n", "another tool writes the real file; check that one"),
        ("buildspec.yml.template", BUILDSPEC, "another tool writes the real file; check that one"),
        ("main.tf", "", "cilint does not read Terraform"),
        ("logo.json", "\0PNG", "it is not text"),
    ],
)
def test_a_named_file_that_is_not_checked_is_told_and_fails_nothing(
    tmp_path: Path, name: str, content: str, says: str
) -> None:
    put(tmp_path, {name: content})
    done = cilint(tmp_path, name)
    assert done.returncode == 0
    assert f"{name}: not checked: {says}" in done.stdout.decode().splitlines()
    assert shown(tmp_path, name)[0] == 0
    assert shown(tmp_path, name)[1][0].endswith(" (not checked)")


def test_the_same_files_on_a_walk_are_counted_or_passed_over(tmp_path: Path) -> None:
    put(tmp_path, {"notes.yml": "a: b\n", "appspec.yml.j2": "", "logo.json": "\0", "buildspec.yml": BUILDSPEC})
    put(
        tmp_path,
        {"service.json.template": '{"a": ${b}}', "appspec.yml.template": APPSPEC, "stack.yml.template": TEMPLATE},
    )
    assert [line.split("\t")[0] for line in shown(tmp_path)[1]] == [
        "appspec.yml.template",
        "buildspec.yml",
        "stack.yml.template",
    ]


def test_a_huge_file_is_passed_over_on_a_walk_and_told_when_named(tmp_path: Path) -> None:
    put(tmp_path, {"dump.json": '{"phases": "' + "x" * 10_000_000 + '"}', "buildspec.yml": BUILDSPEC})
    assert shown(tmp_path) == (0, ["buildspec.yml\tbuildspec"])
    done = cilint(tmp_path, "dump.json")
    assert done.returncode == 1
    assert b"the file has more than 10,000,000 bytes; it is not checked" in done.stdout
    assert cilint(tmp_path, "dump.json", "--select", "BS").returncode == 1, "no selection hides that it is not checked"
    assert cilint(tmp_path, "dump.json", "--ignore", "too-complex").returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="file names are any bytes on Linux only")
def test_a_name_is_printed_in_one_line_whatever_its_bytes(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9\n::error::.yml")).write_text(BUILDSPEC)
    assert shown(tmp_path) == (0, ["caf\\xe9\\x0a::error::.yml\tbuildspec"])
    assert shown(tmp_path, os.fsdecode(b"caf\xe9\n::error::.yml"))[1] == ["caf\\xe9\\x0a::error::.yml\tbuildspec"]
    assert cilint(tmp_path, os.fsdecode(b"\xff.yml")).stderr == b"cilint: \\xff.yml: no such file or directory\n"


@pytest.mark.skipif(os.name != "posix", reason="links as POSIX has them")
def test_a_named_link_to_nowhere_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "buildspec.yml").symlink_to("nowhere")
    done = cilint(tmp_path, "buildspec.yml")
    assert done.returncode == 1
    assert b"buildspec.yml: error: cannot be read: No such file or directory" in done.stdout
    assert shown(tmp_path, "buildspec.yml")[1] == ["buildspec.yml\tunreadable (not checked)"]


def test_many_files_give_what_each_gives_alone(tmp_path: Path) -> None:
    bad = BUILDSPEC.replace("build:", "pre-build:")
    put(tmp_path, {f"{number:03}/buildspec.yml": bad if number % 7 == 0 else BUILDSPEC for number in range(400)})
    together = cilint(tmp_path, "--format", "concise").stdout.decode().splitlines()[:-1]
    assert [line.split(":")[0] for line in together] == [f"{number:03}/buildspec.yml" for number in range(0, 400, 7)]
    assert cilint(tmp_path, "007", "--format", "concise").stdout.decode().splitlines()[0] in together

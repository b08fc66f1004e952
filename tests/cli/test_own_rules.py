"""Rules of a project in `.cilint/rules/`, and plugins: what `docs/your-own-rules.md` promises."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "your-own-rules.md").read_text()
BUILDSPEC = "version: 0.2\nphases:\n  build:\n    commands: [make, make]\n"

PAGE = """\
id: TEAM007
name: make-in-build
summary: make is called
category: style
severity: warning
confidence: high
kinds: [buildspec]
why: The team builds with just.
select: $.phases.*.commands[]
forbid: {pattern: "^make"}
message: "`{value}` in `{path}`; call `just`"
bad:
  - file: |
      version: 0.2
      phases:
        build:
          commands: [make]
    expect: [{at: make, says: "call `just`"}]
good:
  - |
    version: 0.2
    phases:
      build:
        commands: [just build]
"""


def block(language: str, heading: str = "") -> str:
    found = re.search(rf"{heading}.*?```{language}\n(.*?)```", GUIDE, re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty repository."""
    (tmp_path / "web" / ".git").mkdir(parents=True)
    return tmp_path / "web"


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def page(project: Path, content: str = PAGE, name: str = "make-in-build.yaml") -> Path:
    return write(project / ".cilint" / "rules" / name, content)


def cilint(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(directory / ".cache")}
    return subprocess.run(
        [sys.executable, "-m", "cilint", *arguments], cwd=directory, capture_output=True, text=True, env=environment
    )


def check(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return cilint(directory, "check", "--format", "concise", *arguments)


# ------------------------------------------------------------------------------------------------ a project's own pages


def test_the_page_of_the_guide_works(project: Path) -> None:
    page(project, block("yaml"), "image-without-registry.yaml")
    tested = cilint(project, "rule", "test", ".cilint/rules")
    assert (tested.stdout, tested.returncode) == ("1 page, 2 examples, all right\n", 0), tested.stderr
    write(project / "buildspec.yml", "version: 0.2\nbatch: {build-list: [{identifier: a, env: {image: python}}]}\n")
    done = check(project)
    assert "warning: `python` is not from the team's registry; push it there" in done.stdout
    assert done.stdout.splitlines()[0].endswith("[TEAM001 image-without-registry]")
    assert done.returncode == 1
    assert "image-without-registry (TEAM001)" in cilint(project, "rule", "TEAM001").stdout


def test_a_project_is_found_from_below_its_root(project: Path) -> None:
    page(project)
    write(project / "ci" / "buildspec.yml", BUILDSPEC)
    done = check(project / "ci", "buildspec.yml")
    assert "buildspec.yml:4:16: warning: `make` in `phases.build.commands`; call `just` [TEAM007" in done.stdout


def test_a_project_rule_is_selected_and_ignored_like_any_other(project: Path) -> None:
    page(project)
    write(project / "buildspec.yml", BUILDSPEC)
    assert "TEAM007" in check(project, "--select", "TEAM").stdout
    assert "TEAM007" not in check(project, "--ignore", "make-in-build").stdout
    assert "TEAM007" not in check(project, "--select", "BS").stdout


def test_a_changed_page_counts_at_once(project: Path) -> None:
    path = page(project)
    write(project / "buildspec.yml", BUILDSPEC)
    assert "call `just`" in check(project).stdout
    path.write_text(PAGE.replace("call `just`", "run `just`"))
    assert "run `just`" in check(project).stdout
    path.unlink()
    assert "just" not in check(project).stdout


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("severity:", "severty:", ":5: unknown key `severty` at the top level; did you mean `severity`?"),
        ("severity: warning", "severity: warn", ":5: `severity` cannot be `warn`"),
        ("id: TEAM007", "id: BS007", ":1: ids that start with `BS` are cilint's own; take another family"),
        ("id: TEAM007", "id: team7", ":1: `id` cannot be `team7`; it must be a family of 2 to 8 capitals and a number"),
        ("name: make-in-build", "name: make", ":2: the name `make` is not the file's name `make-in-build`"),
        ("kinds: [buildspec]", "kinds: [buildspce]", ":7: there are no rules for the kind `buildspce`; did you mean"),
        ("$.phases.*.commands[]", "phases", ":9: `select` cannot be `phases`; it must be a path such as"),
        ('pattern: "^make"', 'pattern: "(make"', ":10: `(make` is no regular expression: missing )"),
        ('pattern: "^make"', 'patern: "make"', ":10: unknown key `patern` in `forbid`; did you mean `pattern`?"),
        (
            'forbid: {pattern: "^make"}',
            "",
            ":1: neither `require` nor `forbid` is there; a project's rules are data only",
        ),
        ('forbid: {pattern: "^make"}', "python: checks.py", ":10: `python` is no key of a page; a project's rules are"),
        ("why: The", "schema: buildspec\nwhy: The", ":8: `schema` is for cilint's own rules"),
        ("    expect:", "    # expect:", " has no `expect`; add it"),
        ("why: The", "why: !!python/name:os.system\nnone: The", "yaml"),
        ("summary: make is", "summary: 'make is", "make-in-build.yaml:"),
    ],
)
def test_a_wrong_page_is_told_with_its_line_and_what_to_do(project: Path, before: str, after: str, said: str) -> None:
    assert before in PAGE
    page(project, PAGE.replace(before, after, 1))
    write(project / "buildspec.yml", BUILDSPEC)
    for arguments in (["check"], ["rules"], ["rule", "test"], ["rule", "BS001"]):
        done = cilint(project, *arguments)
        assert ".cilint/rules/make-in-build.yaml" in done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert done.returncode == 2


@pytest.mark.parametrize(
    ("old", "new"), [("make-in-build", "plaintext-secret"), ("make-in-build", "other-name")], ids=["own name", "own id"]
)
def test_two_rules_have_neither_name_nor_id_in_common(project: Path, old: str, new: str) -> None:
    page(project)
    page(project, PAGE.replace(old, new), f"{new}.yaml")
    done = check(project)
    assert done.returncode == 2
    assert "is taken by" in done.stderr


def test_an_example_that_does_not_hold_is_told(project: Path) -> None:
    page(project, PAGE.replace("at: make", "at: cmake").replace("[just build]", "[make all]"))
    done = cilint(project, "rule", "test")
    assert done.returncode == 1
    path = ".cilint/rules/make-in-build.yaml"
    assert (
        f"{path}: bad 1: expected a finding at `cmake`, found one at `make`\n  4:16 warning: `make` in" in done.stdout
    )
    assert f"{path}: good 1: expected no finding, found\n  4:16 warning: `make all`" in done.stdout
    assert done.stdout.endswith(", 1 failed\n")


# ------------------------------------------------------------------------------------------------------------- plugins


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """The plugin of the guide."""
    written = (
        PAGE.replace("make-in-build", "make-twice").replace("TEAM007", "ACME001").replace("[make]", "[make, make]")
    )
    written = re.sub(r"^(select|forbid|message): .*\n", "", written, flags=re.MULTILINE).replace(
        "call `just`", "ran before"
    )
    write(tmp_path / "acme" / "rules" / "make-twice.yaml", written)
    write(tmp_path / "acme" / "checks.py", block("python", "A plugin is"))
    return tmp_path / "acme"


def test_the_plugin_of_the_guide_works(project: Path, plugin: Path) -> None:
    write(project / "buildspec.yml", BUILDSPEC)
    tested = cilint(project, "rule", "test", "--plugin", "../acme", "../acme/rules")
    assert (tested.stdout, tested.returncode) == ("1 page, 2 examples, all right\n", 0), tested.stderr
    done = check(project, "--plugin", "../acme")
    assert done.stdout.startswith("buildspec.yml:4:22: warning: `make` ran before; drop it [ACME001 make-twice]")
    assert done.returncode == 1


def test_a_plugin_in_the_checked_tree_is_never_loaded_unless_it_is_named(project: Path, plugin: Path) -> None:
    write(project / "buildspec.yml", BUILDSPEC)
    proof = project / "the plugin ran"
    code = f"open({str(proof)!r}, 'w').close()\n" + (plugin / "checks.py").read_text()
    for place in (".cilint", ".cilint/plugins/acme", "acme"):
        write(project / place / "checks.py", code)
        (project / place / "rules").mkdir(exist_ok=True)
    write(project / "acme" / "rules" / "make-twice.yaml", (plugin / "rules" / "make-twice.yaml").read_text())
    done = check(project)
    assert not proof.exists()
    assert "ACME001" not in done.stdout
    check(project, "--plugin", "acme")
    assert proof.exists()


def test_a_configuration_outside_the_project_may_name_plugins(project: Path, plugin: Path) -> None:
    write(project / "buildspec.yml", BUILDSPEC)
    write(plugin.parent / "central.toml", 'plugins = ["acme"]\n')
    assert "ACME001" in check(project, "--config", "../central.toml").stdout


def test_a_configuration_of_the_checked_project_may_not(project: Path, plugin: Path) -> None:
    write(project / "buildspec.yml", BUILDSPEC)
    proof = project / "the plugin ran"
    write(plugin / "checks.py", f"open({str(proof)!r}, 'w').close()\n" + (plugin / "checks.py").read_text())
    write(project / "cilint.toml", 'plugins = ["../acme"]\n')
    for done in (check(project), check(project, "--config", "cilint.toml")):
        assert done.returncode == 2
        assert "name it with --plugin" in done.stderr
    assert not proof.exists()
    assert "ACME001" in check(project, "--plugin", "../acme").stdout


def test_a_plugin_that_is_no_directory_is_refused(project: Path) -> None:
    write(project / "buildspec.yml", BUILDSPEC)
    write(project.parent / "central.toml", 'plugins = ["nowhere"]\n')
    done = check(project, "--config", "../central.toml")
    assert done.returncode == 2
    assert "is no directory" in done.stderr


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise OSError('no such server')", "OSError: no such server"),
        ("import nothing_of_this_name", "No module named 'nothing_of_this_name'"),
    ],
)
def test_a_plugin_that_cannot_be_imported_is_a_crash_of_its_rule_only(
    project: Path, plugin: Path, code: str, said: str
) -> None:
    write(project / "buildspec.yml", BUILDSPEC + "  biuld: {}\n")
    write(plugin / "checks.py", f"{code}\n{(plugin / 'checks.py').read_text()}")
    done = check(project, "--plugin", str(plugin))
    assert done.returncode == 4
    assert "the rule make-twice (ACME001) crashed on this file" in done.stdout
    assert said in done.stdout
    assert "BS008" in done.stdout


def test_a_check_that_raises_is_a_crash_of_its_rule_only(project: Path, plugin: Path) -> None:
    write(project / "buildspec.yml", BUILDSPEC + "  biuld: {}\n")
    write(plugin / "checks.py", (plugin / "checks.py").read_text().replace("seen = set()", "seen = 1 / 0"))
    done = check(project, "--plugin", str(plugin))
    assert done.returncode == 4
    assert "ZeroDivisionError" in done.stdout and "BS008" in done.stdout


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        ("checks.py", "def make_twice(", "def make_twice)", "checks.py:11: "),
        (
            "checks.py",
            "buildspec: Buildspec",
            "buildspec: Pipeline",
            "asks for a `Pipeline`; a check of the kind buildspec",
        ),
        ("checks.py", "buildspec: Buildspec", "buildspec", "does not say what it asks for"),
        ("checks.py", '"make-twice"', '"make-thrice"', 'the rule does nothing; write `@check("make-twice")`'),
        ("rules/make-twice.yaml", "ACME001", "IAM001", "ids that start with `IAM` are cilint's own"),
    ],
)
def test_a_plugin_that_cannot_work_is_refused(
    project: Path, plugin: Path, file: str, before: str, after: str, said: str
) -> None:
    text = (plugin / file).read_text()
    assert before in text
    (plugin / file).write_text(text.replace(before, after))
    done = check(project, "--plugin", "../acme")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 2


def test_a_plugin_is_a_directory_with_pages(project: Path) -> None:
    (project / "empty").mkdir()
    assert "a plugin has pages in `rules/`, but there are none" in check(project, "--plugin", "empty").stderr
    assert check(project, "--plugin", "missing").returncode == 2

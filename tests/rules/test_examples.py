"""The example runner tells a page that does not show what it says, in words that help to mend it."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import pytest

from cilint.core.context import Context
from cilint.core.finding import Finding, Fix, Replacement
from cilint.core.rule import CheckReference, Rule
from cilint.engine import index as rule_index
from cilint.engine.examples import ExampleError, MemoryTree, check_bad, check_good, check_page, read
from cilint.engine.pages import Page
from cilint.model.buildspec import Buildspec, Command

RULES = rule_index.load().rules
GREEN = "version: 0.2\nphases:\n  build:\n    commands: [make]\n"
LATEST = "version: 0.2\nphases:\n  build:\n    commands: [docker pull web, docker pull web]\n"


def no_docker(command: Command) -> list[Finding]:
    """What the planted rule says: about each `docker`, with a fix."""
    if not command.script.startswith("docker"):
        return []
    fix = Fix("use podman", "unsafe", (Replacement(command.span, command.script.replace("docker", "podman")),))
    return [Finding(command.span, "podman is the tool here", fix=fix)]


def script_exists(buildspec: Buildspec, context: Context) -> list[Finding]:
    """What a rule with a neighbourhood and an option says."""
    script = context.options.get("script", "build.sh")
    if not context.known or context.tree.executable(script):
        return []
    return [Finding(buildspec.place, f"{script} cannot be run")]


def page(**changes: Any) -> Page:
    data = {
        "name": "planted",
        "severity": "warning",
        "confidence": "high",
        "kinds": ["buildspec"],
        "bad": [],
        "good": [],
    }
    return Page("buildspec/planted.yaml", {**data, **changes})


def planted(check: str = "no_docker", *more: str) -> Rule:
    subject = {"no_docker": "Command", "script_exists": "Buildspec"}[check]
    reference = CheckReference(__name__, check, (subject, *more))
    return Rule("ZZ001", "planted", "", "style", "warning", "high", "regular", ("buildspec",), reference)


WITH_DOCKER = (planted(), *RULES)
WITH_SCRIPT = (planted("script_exists", "Context"), *RULES)


def test_an_example_that_shows_what_it_says_has_no_failure() -> None:
    whole = page(bad=[{"file": LATEST, "expect": [{"at": "docker pull web", "line": 4, "count": 2}]}], good=[GREEN])
    assert list(check_page(whole, WITH_DOCKER)) == []


@pytest.mark.parametrize(
    ("expect", "reason"),
    [
        ([{"says": "podman"}], "expected 1 finding, found 2\n  4:16 warning: podman is the tool here"),
        ([{"at": "docker", "count": 2}], "expected a finding at `docker`, found one at `docker pull web`"),
        ([{"says": "no such words", "count": 2}], "expected a message that says `no such words`, found\n  4:16"),
        ([{"line": 3, "count": 2}], "expected line 3, found 4"),
        ([{"severity": "error", "count": 2}], "expected severity error, found warning"),
        ([{"confidence": "low", "count": 2}], "expected confidence low, found high"),
    ],
)
def test_a_bad_example_gives_exactly_what_it_expects(expect: list[dict[str, Any]], reason: str) -> None:
    failures = list(check_bad(page(), {"file": LATEST, "expect": expect}, WITH_DOCKER))
    assert failures[0].startswith(reason)


def test_a_bad_example_is_fixed_as_it_says() -> None:
    example = {"file": LATEST, "expect": [{"count": 2}], "fixed": LATEST.replace("docker", "podman")}
    assert list(check_bad(page(), example, WITH_DOCKER)) == []
    (failure,) = check_bad(page(), {**example, "fixed": GREEN}, WITH_DOCKER)
    assert failure.startswith("expected the fix to give\n  version: 0.2\n")
    assert "podman pull web, podman pull web" in failure


def test_a_good_example_gives_none_of_its_rule() -> None:
    (first, _second) = check_good(page(), LATEST, WITH_DOCKER)
    assert first == "expected no finding, found\n  4:16 warning: podman is the tool here"


def test_a_good_example_of_an_error_has_no_error_of_any_rule() -> None:
    broken = "version: 0.2\nphases:\n  build: [make]\n"
    (failure,) = check_good(page(severity="error"), broken, WITH_DOCKER)
    assert failure.startswith("expected a file that works, but buildspec-wrong-type says")
    assert list(check_good(page(severity="note"), broken, WITH_DOCKER)) == []


def test_an_example_that_is_no_file_of_ours_is_a_failure() -> None:
    (failure,) = check_good(page(), "name: web\n", WITH_DOCKER)
    assert failure.startswith("cilint takes buildspec.yml for none of the kinds it knows")


def test_a_crash_is_a_failure_whatever_rule_it_is_of(monkeypatch: pytest.MonkeyPatch) -> None:
    crashing = planted()._replace(check=CheckReference(__name__, "no_such_function", ("Command",)), name="other")
    (failure,) = check_good(page(), GREEN, (crashing, *RULES))
    assert "the rule other (ZZ001) crashed" in failure


def test_files_of_an_example_lie_around_the_checked_one() -> None:
    files = {"ci/buildspec.yml": GREEN, "ci/build.sh": {"text": "make", "executable": False}}
    example = {"files": files, "expect": [{"says": "build.sh cannot be run"}]}
    assert list(check_bad(page(), example, WITH_SCRIPT)) == []
    assert list(check_good(page(), {"files": {**files, "ci/build.sh": "make"}}, WITH_SCRIPT)) == []
    assert list(check_good(page(), {"file": GREEN, "files": {"build.sh": "make"}}, WITH_SCRIPT)) == []


def test_options_of_an_example_are_its_rules() -> None:
    example = {"file": GREEN, "files": {"build.sh": "make"}, "options": {"script": "run.sh"}}
    (failure,) = check_good(page(), example, WITH_SCRIPT)
    assert "run.sh cannot be run" in failure


def test_what_yaml_cannot_hold_is_base64_or_a_folder_beside_the_page(tmp_path: Path) -> None:
    data = GREEN.replace("\n", "\r\n").encode()
    folder = tmp_path / "planted" / "good-1"
    folder.mkdir(parents=True)
    (folder / "buildspec.yml").write_bytes(data)
    (folder / "build.sh").write_text("make")
    (folder / "build.sh").chmod(0o755)
    own = page()._replace(path=str(tmp_path / "planted.yaml"))
    assert read(own, {"folder": "good-1"}).data == data
    assert read(own, {"base64": base64.b64encode(data).decode()}).data == data
    assert list(check_good(own, {"folder": "good-1"}, WITH_SCRIPT)) == []
    if os.name == "posix":
        (folder / "build.sh").chmod(0o644)
        assert len(list(check_good(own, {"folder": "good-1"}, WITH_SCRIPT))) == 1


@pytest.mark.parametrize(
    ("example", "reason"),
    [
        ({"folder": "bad-9"}, "the folder planted/bad-9 beside the page is not there or empty"),
        ({"files": {"a.yml": GREEN}, "name": "b.yml"}, "the checked file `b.yml` is not among the example's files"),
        ({"base64": "abc"}, "the example's base64 cannot be read"),
    ],
)
def test_an_example_that_cannot_be_read_says_why(example: dict[str, Any], reason: str) -> None:
    with pytest.raises(ExampleError, match=reason):
        read(page(), example)
    assert next(check_bad(page(), {**example, "expect": []}, RULES)).startswith(reason)
    assert next(check_good(page(), example, RULES)).startswith(reason)


def test_a_tree_in_memory_answers_as_one_on_disk() -> None:
    tree = MemoryTree({"ci/buildspec.yml": (b"", True), "app/run.sh": (b"exec web", False)}, "ci/buildspec.yml")
    assert tree.exists("buildspec.yml") and tree.exists("../app") and tree.exists("../app/run.sh")
    assert not tree.exists("run.sh")
    assert (tree.read("../app/run.sh"), tree.read("run.sh")) == (b"exec web", None)
    assert not tree.executable("../app/run.sh")
    assert tree.find("run.sh") == ("../app/run.sh",)

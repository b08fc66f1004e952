"""Code Quality as GitLab's documentation asks for it (doc/ci/testing/code_quality.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

from cilint.engine.run import Unread
from cilint.report.gitlab import render
from tests.report.sample_reports import BUILDSPEC, check, diagnostic, place, report

POSITION = {
    "type": "object",
    "required": ["line", "column"],
    "properties": {"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}},
}
SCHEMA: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\.?/)"},
                    "positions": {"type": "object", "properties": {"begin": POSITION, "end": POSITION}},
                    "lines": {"type": "object", "required": ["begin"]},
                },
                "anyOf": [{"required": ["positions"]}, {"required": ["lines"]}],
            },
        },
    },
}


def entries(content: str) -> list[dict[str, Any]]:
    """The entries, which are as the schema says, each with a fingerprint of its own."""
    found: list[dict[str, Any]] = json.loads(content)
    jsonschema.validate(found, SCHEMA)
    fingerprints = [each["fingerprint"] for each in found]
    assert len(set(fingerprints)) == len(fingerprints)
    return found


def test_a_real_report_is_what_gitlab_wants(project: Path) -> None:
    (project / "app").mkdir()
    (project / "app/buildspec.yml").write_text(BUILDSPEC)
    found = entries(render(check("./app")))
    assert {each["location"]["path"] for each in found} == {"app/buildspec.yml"}
    assert {each["severity"] for each in found} <= {"info", "minor", "major"}


def test_nothing_to_say_is_an_empty_array() -> None:
    assert render(report()) == "[]\n"


def test_equal_findings_are_two_entries() -> None:
    assert len(entries(render(report(diagnostic(), diagnostic())))) == 2


def test_a_fingerprint_survives_lines_that_move() -> None:
    before, after = (entries(render(report(diagnostic(where=place(line))))) for line in (3, 30))
    assert before[0]["fingerprint"] == after[0]["fingerprint"]


def test_a_file_that_cannot_be_read_is_told() -> None:
    (only,) = entries(render(report(unread=(Unread("no.yml", "Permission denied"),))))
    assert only["severity"] == "critical"

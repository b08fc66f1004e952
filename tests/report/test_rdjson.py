"""Reviewdog's format: as its schema says, and with columns and suggestions that fit the bytes of the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

from cilint.engine.run import Unread
from cilint.report.rdjson import render
from tests.report.sample_reports import BUILDSPEC, check, diagnostic, report

SCHEMA = json.loads((Path(__file__).parent / "rdjson.schema.json").read_text())


def diagnostics(content: str) -> list[dict[str, Any]]:
    """The diagnostics of a report that is as the schema says."""
    value = json.loads(content)
    jsonschema.validate(value, SCHEMA)
    found: list[dict[str, Any]] = value["diagnostics"]
    return found


def test_a_real_report_is_what_reviewdog_wants(project: Path) -> None:
    (project / "buildspec.yml").write_text(BUILDSPEC)
    found = diagnostics(render(check()))
    assert {each["severity"] for each in found} <= {"ERROR", "WARNING", "INFO"}
    (renamed,) = (each for each in found if each["code"]["value"] == "BS001")
    assert renamed["location"] == {
        "path": "buildspec.yml",
        "range": {"start": {"line": 11, "column": 5}, "end": {"line": 11, "column": 11}},
    }


def test_a_suggestion_put_into_the_bytes_is_the_fix(project: Path) -> None:
    data = 'version: 0.2\nphases:\n  build: {commands: ["echo ä 😀"], finaly: [make]}\n'.encode()
    (project / "buildspec.yml").write_bytes(data)
    (only,) = (each for each in diagnostics(render(check())) if "suggestions" in each)
    (suggestion,) = only["suggestions"]
    start, end = suggestion["range"]["start"], suggestion["range"]["end"]
    lines = data.splitlines(keepends=True)
    line = lines[start["line"] - 1]
    lines[start["line"] - 1] = line[: start["column"] - 1] + suggestion["text"].encode() + line[end["column"] - 1 :]
    assert b"".join(lines) == data.replace(b"finaly", b"finally")


def test_without_source_lines_only_the_line_is_told() -> None:
    (only,) = diagnostics(render(report(diagnostic())))
    assert only["location"]["range"] == {"start": {"line": 1}}


def test_an_empty_report_and_an_unreadable_file() -> None:
    assert diagnostics(render(report())) == []
    (only,) = diagnostics(render(report(unread=(Unread("no.yml", "Permission denied"),))))
    assert only["message"] == "the file cannot be read: Permission denied"

"""The published model of the JSON report, for readers of it and for its schema. A run never imports this.

`python -m cilint.report.models > schemas/report.schema.json` writes the schema anew. Within a version, keys may be
added; none is removed or changes its meaning.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_ID = "https://cilint.dev/schemas/report.schema.json"
Count = Annotated[int, Field(ge=0)]
Ordinal = Annotated[int, Field(ge=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tool(_Model):
    """What wrote the report."""

    name: Literal["cilint"]
    version: str


class Summary(_Model):
    """The run in numbers."""

    errors: Count
    warnings: Count
    notes: Count
    suppressed: Count = Field(description="Findings that comments or the configuration suppress; they are not listed.")
    known: Count = Field(description="Findings that the baseline knows; they are not listed.")
    checked: Count = Field(description="Files that rules ran on.")
    skipped: Count = Field(description="Files of a kind without rules, named files of no known kind, unreadable files.")
    seconds: float = Field(ge=0)
    exit_code: int = Field(
        description="0 fine, 1 findings at the failing level, 3 nothing was checked, 4 a rule crashed."
    )


class Place(_Model):
    """A range in a file, in code points. Ends are one past the last."""

    path: str = Field(description="As the run was given it, with forward slashes.")
    line: Ordinal
    column: Ordinal
    end_line: Ordinal
    end_column: Ordinal
    start: Count = Field(description="Offset in the text without its byte order mark.")
    end: Count


class Related(_Model):
    """Another place that a finding speaks of."""

    place: Place
    message: str


class Edit(_Model):
    """A replacement at a place; a line feed stands for the file's own line break."""

    place: Place
    text: str


class Fix(_Model):
    """Edits that remove the finding. Safe ones change only what the consumer refuses or ignores today."""

    title: str
    safety: Literal["safe", "unsafe"]
    edits: list[Edit]


class Finding(_Model):
    """What is wrong at a place and what to do about it."""

    id: str = Field(description="The rule's id, stable for ever.")
    rule: str = Field(description="The rule's name.")
    category: str = Field(description="The rule's category; empty when the rule is not one of the run's.")
    severity: Literal["error", "warning", "note"]
    confidence: Literal["high", "medium", "low"]
    message: str
    place: Place
    keys: str = Field(description="The mapping keys that lead to the place, joined by dots.")
    related: list[Related]
    fix: Fix | None


class File(_Model):
    """A file of a known kind."""

    path: str
    kind: str
    checked: bool


class Unread(_Model):
    """A file that could not be read."""

    path: str
    reason: str


class Report(_Model):
    """The report of one run of `cilint check --format json`."""

    version: Literal[1]
    tool: Tool
    summary: Summary
    findings: list[Finding]
    files: list[File]
    unread: list[Unread]
    ignored: list[str] = Field(description="Files that were named and that no rule looks at.")
    notices: list[str] = Field(description="What the checked change itself could silence, where its base is known.")


def schema() -> str:
    """The JSON Schema of the report, as published."""
    described: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": _ID}
    described.update(Report.model_json_schema())
    described["title"] = "cilint report, version 1"
    return json.dumps(described, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema())

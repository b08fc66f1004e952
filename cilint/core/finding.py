"""What a check says: a finding at a span, places related to it, and a fix. Resolving places is the engine's work."""

from __future__ import annotations

from typing import Final, Literal

from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text

Severity = Literal["error", "warning", "note"]
Confidence = Literal["high", "medium", "low"]
Audience = Literal["regular", "pedantic", "auditor"]
Safety = Literal["safe", "unsafe"]

SEVERITIES: Final[tuple[Severity, ...]] = ("note", "warning", "error")
CONFIDENCES: Final[tuple[Confidence, ...]] = ("low", "medium", "high")


class Elsewhere(NamedTuple):
    """A file whose text a span is in. `path` is written as that of the checked file is."""

    path: str
    text: Text


class Related(NamedTuple):
    """Another place that a finding speaks of, with a phrase that says what is there.

    `file` is None where the span is in the text that the check was given, as a finding's own span is.
    """

    span: Span
    message: str
    file: Elsewhere | None = None


class Replacement(NamedTuple):
    """Text that takes the place of a span; `\\n` stands for the file's own line break."""

    span: Span
    text: str


class Fix(NamedTuple):
    """Edits that remove a finding. Safe: it changes only what the consumer refuses or ignores today."""

    title: str
    safety: Safety
    edits: tuple[Replacement, ...]


class Finding(NamedTuple):
    """What is wrong here and what to do about it.

    `span` is in the code points of the document that the check was given. `severity` and `confidence` are None
    where the page's own level holds; a check lowers them where its case is weaker. `secret` says that what stands at
    the span is one: no report shows it.
    """

    span: Span
    message: str
    severity: Severity | None = None
    confidence: Confidence | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    secret: bool = False

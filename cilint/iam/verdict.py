"""What is wrong with one text, before it has a place: what can be kept for all the places that hold the text."""

from __future__ import annotations

from cilint.core.finding import Confidence, Severity
from cilint.source.record import NamedTuple


class Verdict(NamedTuple):
    """`severity` and `confidence` are None where those of the rule's page hold."""

    message: str
    severity: Severity | None = None
    confidence: Confidence | None = None

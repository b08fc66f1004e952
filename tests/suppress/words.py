"""A file about which two rules find words, `TODO` and `FIXME`, with its suppressions applied."""

from __future__ import annotations

import re

from cilint.engine import index as rule_index
from cilint.engine.index import Index
from cilint.engine.result import Diagnostic, FileResult, lines_of, place
from cilint.engine.settings import Waiver
from cilint.engine.suppress import applied, find
from cilint.source.read import read
from cilint.source.text import Span, decode
from tests.report.sample_reports import rule

OWN = tuple(each for each in rule_index.load().rules if each.id.startswith("CI"))
TODO, FIXME, OFF = (
    rule(id="XX001", name="todo"),
    rule(id="XX002", name="fixme"),
    rule(id="XX003", name="rule-that-is-off"),
)
RULES = (*OWN, TODO, FIXME)
INDEX = Index((*RULES, OFF))


def checked(
    text: str, name: str = "buildspec.yml", today: str = "2026-06-15", waivers: tuple[Waiver, ...] = ()
) -> FileResult:
    """A file about which `todo` and `fixme` find their words, its suppressions applied."""
    document = read(decode(text.encode()), name)
    found = []
    for match in re.finditer("TODO|FIXME", text):
        where = place(name, document.text, Span(*match.span()))
        by = TODO if match[0] == "TODO" else FIXME
        found.append(
            Diagnostic(by.name, by.id, "warning", "high", "it is wrong", where, lines_of(document.text, where))
        )
    result = FileResult(name, "buildspec", True, tuple(found), suppressions=find(name, document, waivers))
    return applied(result, RULES, INDEX, today)

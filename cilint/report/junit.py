"""JUnit XML, as CodeBuild's test reports and other CI systems take it: a failed case for each finding that counts.

A clean file is one passed case. Notes pass, too: a report in CodeBuild is failed when any case is. CodeBuild keeps 500
cases of a report and the failed ones first (user guide, "Test reports").
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from cilint.engine.result import Diagnostic
from cilint.engine.run import Report, Unread
from cilint.report.identity import Identities

# XML 1.0 has no way to write these, not even as references.
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """A test suite `cilint`. Paths are taken from the working directory."""
    identities = Identities(os.getcwd())
    cases = list(_cases(report, identities))
    failures = sum(1 for failed, _case in cases if failed)
    head = (
        f'name="cilint" tests="{len(cases)}" failures="{failures}" errors="0" skipped="0" time="{report.seconds:.3f}"'
    )
    body = "".join(case for failed, case in sorted(cases, key=lambda each: not each[0]))
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n<testsuite {head}>\n{body}</testsuite>\n</testsuites>\n'
    )


def _cases(report: Report, identities: Identities) -> Iterator[tuple[bool, str]]:
    """Every case, and whether it failed."""
    for unread in report.unread:
        yield True, _failed(identities.path(unread.path), "unreadable", _why(unread), "error", "")
    said = set()
    for each in report.diagnostics:
        path = identities.path(each.place.path)
        said.add(each.place.path)
        name = f"{each.called}, line {each.place.line}"
        if each.severity == "note":
            yield False, _passed(path, name, f"{_place(path, each)}: {each.message}")
        else:
            yield True, _failed(path, name, each.message, each.severity, _body(path, each))
    for file in report.files:
        if file.checked and file.path not in said:
            yield False, _passed(identities.path(file.path), "no findings")


def _why(unread: Unread) -> str:
    return f"the file cannot be read: {unread.reason}"


def _place(path: str, each: Diagnostic) -> str:
    return f"{path}:{each.place.line}:{each.place.column}"


def _body(path: str, each: Diagnostic) -> str:
    lines = [f"{_place(path, each)}: {each.severity}: {each.message}", *(f"    {line}" for line in each.lines[:1])]
    lines.extend(f"{note.place.path}:{note.place.line}: {note.message}" for note in each.related)
    lines.append(f"cilint rule {each.id} explains it")
    return "\n".join(lines)


def _failed(path: str, name: str, message: str, severity: str, body: str) -> str:
    failure = f"<failure type={_attribute(severity)} message={_attribute(message)}>{_text(body)}</failure>"
    return f"<testcase classname={_attribute(path)} name={_attribute(name)}>\n{failure}\n</testcase>\n"


def _passed(path: str, name: str, output: str = "") -> str:
    told = f"<system-out>{_text(output)}</system-out>" if output else ""
    return f"<testcase classname={_attribute(path)} name={_attribute(name)}>{told}</testcase>\n"


def _attribute(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("\ufffd", text))


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", text))

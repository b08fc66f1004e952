"""SARIF 2.1.0 for GitHub code scanning: every property that it uses, within its limits, and what the standard wants.

Paths are relative to the repository's root. What a rule says about itself comes from `help`, where files lie from
`repository`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any, Final

from cilint.core.finding import SEVERITIES
from cilint.core.rule import Rule
from cilint.engine.pages import Page
from cilint.engine.result import Diagnostic, Note, Place
from cilint.engine.run import Report
from cilint.report import help as rule_help
from cilint.report import repository
from cilint.report.identity import Identities
from cilint.version import __version__

Object = dict[str, Any]

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME: Final = "https://github.com/cilint/cilint"
ROOT: Final = "%SRCROOT%"
MAX_RESULTS: Final = 5_000
MAX_LOCATIONS: Final = 100
MAX_TAGS: Final = 10
MAX_TEXT: Final = 1_024
MAX_REGION_LINES: Final = 6
MAX_SNIPPET: Final = 2_000  # of minified files a line may be the whole file
INTERNAL_ERROR: Final = "internal-error"

_PRECISION: Final = {"high": "high", "medium": "medium", "low": "low"}
_PROBLEM: Final = {"error": "error", "warning": "warning", "note": "recommendation"}
_SECURITY_SEVERITY: Final = {"error": "8.0", "warning": "5.5", "note": "2.0"}


def render(report: Report) -> str:
    """The report as one SARIF log with one run. Paths of the report are taken from the working directory."""
    return json.dumps(log(report, os.getcwd()), indent=2) + "\n"


def log(report: Report, directory: str) -> Object:
    """The SARIF log. `directory` is what relative paths of the report start from."""
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [_Run(report, directory).value()]}


class _Run:
    """One run: what its results share."""

    def __init__(self, report: Report, directory: str) -> None:
        self.report = report
        self.directory = directory
        self.root = repository.root(directory)
        self.indices = {rule.name: number for number, rule in enumerate(report.rules)}
        self.security = {rule.name for rule in report.rules if rule.category == "security"}
        self.hashes = {file.path: file.line_hashes for file in report.files}
        self.identities = Identities(directory)

    def value(self) -> Object:
        kept = _most_severe(self.report.diagnostics)
        run: Object = {
            "tool": {
                "driver": {
                    "name": "cilint",
                    "version": __version__,
                    "semanticVersion": __version__,
                    "informationUri": HOME,
                    "rules": [_rule(rule) for rule in self.report.rules],
                }
            },
            "automationDetails": {"id": "cilint/"},
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
            "invocations": [self.invocation(len(self.report.diagnostics) - len(kept))],
            "artifacts": [{"location": self.artifact(file.path)} for file in self.report.files if file.checked],
            "results": [self.result(each) for each in kept],
        }
        revision = repository.revision(self.root)
        if revision is not None:
            known = {"revisionId": revision.commit, "branch": revision.branch}
            run["versionControlProvenance"] = [
                {"repositoryUri": revision.repository, "mappedTo": {"uriBaseId": ROOT}}
                | {key: value for key, value in known.items() if value}
            ]
        return run

    def invocation(self, left_out: int) -> Object:
        """Success even where rules crashed: code scanning refuses the whole upload of a run that says otherwise."""
        invocation: Object = {"executionSuccessful": True, "exitCode": self.report.exit_code}
        execution = [
            self.notification("error", f"{each.path} cannot be read: {each.reason}", self.artifact(each.path))
            for each in self.report.unread
        ]
        for each in self.report.diagnostics:
            if each.rule == INTERNAL_ERROR:
                crash = self.notification("error", each.message, self.artifact(each.place.path))
                execution.append(crash | {"descriptor": {"id": each.id}})
        if left_out:
            execution.append(
                self.notification(
                    "warning", f"{left_out} results are left out: a run shows {MAX_RESULTS}, gravest first"
                )
            )
        configuration = [
            self.notification("warning", f"{path} is named but not checked", self.artifact(path))
            for path in self.report.ignored
        ]
        configuration += [self.notification("note", notice) for notice in self.report.notices]
        if not self.report.checked:
            configuration.append(self.notification("warning", "nothing was checked: no file that cilint has rules for"))
        if execution:
            invocation["toolExecutionNotifications"] = execution
        if configuration:
            invocation["toolConfigurationNotifications"] = configuration
        return invocation

    def notification(self, level: str, message: str, artifact: Object | None = None) -> Object:
        notification: Object = {"level": level, "message": {"text": _message(message)}}
        if artifact is not None:
            notification["locations"] = [{"physicalLocation": {"artifactLocation": artifact}}]
        return notification

    def result(self, each: Diagnostic) -> Object:
        related = each.related[: MAX_LOCATIONS - 1]
        result: Object = {
            "ruleId": each.id,
            **({"ruleIndex": self.indices[each.rule]} if each.rule in self.indices else {}),
            "kind": "fail",
            "level": each.severity,
            "message": {"text": _message(each.message) + _links(related)},
            "locations": [{"physicalLocation": self.physical(each.place, each)}],
            "partialFingerprints": self.fingerprints(each),
            "properties": {"precision": _PRECISION[each.confidence]},
        }
        if self.report.baseline:
            result["baselineState"] = "new"  # what the baseline knows is no result
        if related:
            result["relatedLocations"] = [self.related(number, note) for number, note in enumerate(related, 1)]
        if any(note.place.path != each.place.path for note in related):
            result["codeFlows"] = [self.flow(related, each)]
        if each.fix is not None and each.fix.safety == "safe" and not each.fix.secret:
            result["fixes"] = [self.fix(each)]
        return result

    def physical(self, place: Place, each: Diagnostic | None = None) -> Object:
        """Where a place is. Lines of a security finding stay out: a report travels further than its repository."""
        region, context = _region(place, each.lines if each else ())
        if each is not None and each.rule in self.security:
            region.pop("snippet", None)
            context = None
        physical: Object = {"artifactLocation": self.artifact(place.path), "region": region}
        return physical | {"contextRegion": context} if context else physical

    def artifact(self, path: str) -> Object:
        relative = repository.relative(os.path.join(self.directory, path), self.root)
        if relative is None:
            return {"uri": repository.absolute(os.path.join(self.directory, path))}
        return {"uri": repository.encoded(relative), "uriBaseId": ROOT}

    def related(self, number: int, note: Note) -> Object:
        return {
            "id": number,
            "message": {"text": _message(note.message)},
            "physicalLocation": self.physical(note.place),
        }

    def flow(self, related: Iterable[Note], each: Diagnostic) -> Object:
        """The evidence in the order that it is told, the finding's own place last."""
        steps = [
            {"location": {"message": {"text": _message(note.message)}, "physicalLocation": self.physical(note.place)}}
            for note in related
        ]
        last = {"message": {"text": _message(each.message)}, "physicalLocation": self.physical(each.place)}
        return {"threadFlows": [{"locations": [*steps, {"location": last}]}]}

    def fix(self, each: Diagnostic) -> Object:
        assert each.fix is not None
        changes: dict[str, list[Object]] = {}
        for edit in each.fix.edits:
            replacement = {"deletedRegion": _plain_region(edit.place), "insertedContent": {"text": edit.text}}
            changes.setdefault(edit.place.path, []).append(replacement)
        return {
            "description": {"text": _message(each.fix.title)},
            "artifactChanges": [
                {"artifactLocation": self.artifact(path), "replacements": replacements}
                for path, replacements in changes.items()
            ],
        }

    def fingerprints(self, each: Diagnostic) -> dict[str, str]:
        """What names the finding over time: GitHub's hash of its line, and rule, path and keys with a count."""
        uri = self.artifact(each.place.path)["uri"]
        fingerprints = {"cilint/v1": self.identities.name(each, uri)}
        hashes = self.hashes.get(each.place.path, ())
        if each.place.line <= len(hashes):
            fingerprints["primaryLocationLineHash"] = hashes[each.place.line - 1]
        return fingerprints


def _most_severe(diagnostics: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    """At most MAX_RESULTS, the gravest, in the order given."""
    if len(diagnostics) <= MAX_RESULTS:
        return list(diagnostics)
    ranked = sorted(range(len(diagnostics)), key=lambda number: -SEVERITIES.index(diagnostics[number].severity))
    return [diagnostics[number] for number in sorted(ranked[:MAX_RESULTS])]


def _rule(rule: Rule) -> Object:
    page = rule_help.page_of(rule)
    summary = rule_help.sentence(rule.summary)
    value: Object = {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": _cut(summary)},
        "fullDescription": {"text": _cut(rule_help.paragraphs(page) or summary)},
        "help": {"text": rule_help.text(rule, page), "markdown": rule_help.markdown(rule, page)},
        "defaultConfiguration": {"level": rule.severity},
        "properties": _properties(rule, page),
    }
    references = page.data.get("references") if page else None
    return value | {"helpUri": references[0]} if references else value


def _properties(rule: Rule, page: Page | None) -> Object:
    family = rule.id.rstrip("0123456789")
    tags = [rule.category, family, *_weaknesses(page)]
    properties: Object = {
        "tags": list(dict.fromkeys(tags))[:MAX_TAGS],
        "precision": _PRECISION[rule.confidence],
        "problem.severity": _PROBLEM[rule.severity],
    }
    if rule.category == "security":
        properties["security-severity"] = rule.security_severity or _SECURITY_SEVERITY[rule.severity]
    return properties


def _weaknesses(page: Page | None) -> list[str]:
    """Tags of a page's `cwe`: one or several, `CWE-798` or 798."""
    written = page.data.get("cwe", ()) if page else ()
    several = written if isinstance(written, list | tuple) else [written]
    return [f"external/cwe/cwe-{str(each).lower().removeprefix('cwe-'):0>3}" for each in several]


def _region(place: Place, lines: tuple[str, ...]) -> tuple[Object, Object | None]:
    """A place's region with its text, and the whole lines around it where they say more.

    Of a long block only the first line: code scanning shows a finding in a pull request only when all lines of its
    region are in the diff.
    """
    if not lines:
        return _plain_region(place), None
    place = _kept_small(place, lines)
    first, last = lines[0], lines[place.end_line - place.line]
    before, after = first[: place.column - 1], last[place.end_column - 1 :]
    whole = "\n".join(lines[: place.end_line - place.line + 1])
    region = _plain_region(place)
    marked = whole[len(before) : len(whole) - len(after)]
    if len(marked) <= MAX_SNIPPET:
        region["snippet"] = {"text": marked}
    if (not before and not after) or len(whole) > MAX_SNIPPET:
        return region, None
    return region, {"startLine": place.line, "endLine": place.end_line, "snippet": {"text": whole}}


def _kept_small(place: Place, lines: tuple[str, ...]) -> Place:
    if place.end_line - place.line >= MAX_REGION_LINES or place.end_line - place.line >= len(lines):
        last = place.line
    elif place.end_column == 1 and place.end_line > place.line:
        last = place.end_line - 1
    else:
        return place
    end = lines[last - place.line]
    return place._replace(end_line=last, end_column=len(end) + 1, end_column_utf16=_utf16(end) + 1)


def _plain_region(place: Place) -> Object:
    return {
        "startLine": place.line,
        "startColumn": place.column_utf16,
        "endLine": place.end_line,
        "endColumn": place.end_column_utf16,
    }


def _utf16(text: str) -> int:
    return len(text) + sum(1 for char in text if char > "\uffff")


def _message(text: str) -> str:
    """A message that ends in a period, as the standard wants, and holds no link that is not ours."""
    return text.strip().replace("](", "]\\(").rstrip(".!?") + "."


def _links(related: tuple[Note, ...]) -> str:
    """Sentences that link the related places; code scanning shows only those that a message links."""
    if not related:
        return ""
    links = (f"[{_link_text(note.message)}]({number})" for number, note in enumerate(related, 1))
    return f" See {', '.join(links)}."


def _link_text(text: str) -> str:
    return text.strip().rstrip(".").replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _cut(text: str) -> str:
    """At most MAX_TEXT characters, cut after a sentence where there is one."""
    text = text.replace("\n\n", " ")
    if len(text) <= MAX_TEXT:
        return text
    cut = text[: MAX_TEXT - 1]
    end = cut.rfind(". ")
    return cut[: end + 1] if end > 0 else cut + "…"

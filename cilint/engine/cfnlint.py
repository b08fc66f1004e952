"""cfn-lint beside us: run in its own process over the templates of a run, its findings merged into the report.

It is never imported and never run unless asked for. What cilint reports better at the same place is left out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final

from cilint.core.finding import Severity
from cilint.core.rule import Rule
from cilint.engine.fingerprint import anchor, keys, line_hashes
from cilint.engine.result import Diagnostic, FileResult, lines_of, place
from cilint.engine.run import Report
from cilint.engine.settings import reported
from cilint.source.nodes import Document
from cilint.source.read import read
from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text, decode

PROGRAM: Final = "CILINT_CFN_LINT"
"""The variable that names cfn-lint's program, where it is neither beside this Python nor in the PATH."""

_START: Final = 60  # seconds, since its start alone takes some
_EACH: Final = 10  # seconds for each template
_AT_ONCE: Final = 100  # templates in one process: a command line has an end
_LEVELS: Final[dict[str, Severity]] = {"Error": "error", "Warning": "warning", "Informational": "note"}

SUPERSEDED: Final[dict[str, tuple[str, ...]]] = {
    # cfn-lint's rule, to the families of ours that say it better where they speak of the same thing.
    "E3700": ("CP",),  # source actions stand in the first stage only
    "E3701": ("CP",),  # names of artifacts
    "E3702": ("CP",),  # how many artifacts an action takes
    "E3703": ("CP",),  # configuration of actions
    "E3636": ("CB",),  # a project's source and artifacts
    "W3037": ("IAM",),  # actions that are not known
    "I3510": ("IAM",),  # resources that do not fit the actions
    "W2511": ("IAM",),  # the version of a policy
    "E3510": ("IAM",),  # identity policies
    "E3512": ("IAM", "AR"),  # resource policies
    "E3513": ("IAM", "AR"),  # policies of ECR repositories
    "E3514": ("IAM",),  # ARNs in resource policies
    "E3530": ("IAM",),  # trust policies
    "E3511": ("IAM", "CP"),  # ARNs of roles
    "E1156": ("IAM", "CP"),
}
_SCHEMA_RULES: Final = ("E3001", "E3002", "E3003", "E3012", "E3030", "E3031", "E3032", "E3033", "E3034", "E3037")
"""cfn-lint's rules for the shape of any resource: any of ours at the very same key says more."""
_UNREADABLE: Final = "E0000"


class Outcome(NamedTuple):
    """The report with cfn-lint's findings, and what there is to say about the run of it; empty when it went well."""

    report: Report
    remark: str = ""


class CfnLintError(Exception):
    """Why there is nothing from cfn-lint, in one line."""


def merged(report: Report, trusted: bool = True) -> Outcome:
    """The report with cfn-lint's findings in its templates. Never raises.

    Its informational rules, off in cfn-lint itself, run for the audiences beyond regular. `trusted` is False where not
    the command line but a configuration asks for it: cfn-lint's own configuration, which can name code to run, is not
    read then.
    """
    templates = [file for file in report.files if file.kind == "template" and file.checked]
    if not templates:
        return Outcome(report)
    try:
        told = list(_told([file.path for file in templates], trusted, report.settings.audience != "regular"))
    except CfnLintError as error:
        return Outcome(report, str(error))
    return Outcome(_with(report, told))


def program() -> str | None:
    """The path of cfn-lint's program: what PROGRAM names, else beside this Python, else in the PATH."""
    named = os.environ.get(PROGRAM)
    if named:
        return shutil.which(named)
    return shutil.which("cfn-lint", path=os.path.dirname(sys.executable)) or shutil.which("cfn-lint")


def _told(paths: list[str], trusted: bool, advice: bool) -> Iterator[dict[str, Any]]:
    """cfn-lint's matches. Raises CfnLintError."""
    found = program()
    if found is None:
        raise CfnLintError("cfn-lint is not installed, so its rules did not run: pip install 'cilint[cfn-lint]'")
    command = [found, "--format", "json", *(("--include-checks", "I") if advice else ())]
    if not trusted:
        command += ["--config-file", os.devnull]
    for start in range(0, len(paths), _AT_ONCE):
        yield from _run([*command, "--", *map(_literal, paths[start : start + _AT_ONCE])], len(paths))


def _literal(path: str) -> str:
    """A path of which cfn-lint's pattern matching takes no character for a wildcard."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path)


def _run(command: list[str], count: int) -> list[dict[str, Any]]:
    limit = _START + _EACH * count
    try:
        done = subprocess.run(command, capture_output=True, timeout=limit, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise CfnLintError(f"cfn-lint took more than {limit} s and was stopped; its findings are missing") from None
    except OSError as error:
        raise CfnLintError(f"cfn-lint cannot be run: {error.strerror or error}; its findings are missing") from error
    try:
        matches = json.loads(done.stdout)
    except ValueError:
        matches = None
    if not isinstance(matches, list):
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it printed no JSON"]
        raise CfnLintError(
            f"cfn-lint failed (exit code {done.returncode}): {lines[-1][:200]}; its findings are missing"
        )
    return [each for each in matches if isinstance(each, dict)]


def _with(report: Report, told: Iterable[dict[str, Any]]) -> Report:
    matches: dict[str, list[dict[str, Any]]] = {}
    for match in told:
        matches.setdefault(_normal(str(match.get("Filename"))), []).append(match)
    files, diagnostics, rules = [], [], dict.fromkeys(report.rules)
    ours: dict[str, list[Diagnostic]] = {}
    for diagnostic in report.diagnostics:
        ours.setdefault(diagnostic.place.path, []).append(diagnostic)
    for file in report.files:
        told_here = matches.get(_normal(file.path), ())
        new = list(_diagnostics(file, told_here, rules)) if told_here else []
        here = ours.pop(file.path, [])
        if new:
            file = _hashed(file._replace(diagnostics=_in_order([*file.diagnostics, *new])), report)
            here = list(_in_order([*here, *reported(tuple(new), report.settings)]))
        files.append(file)
        diagnostics += here
    diagnostics += [each for left in ours.values() for each in left]
    return report._replace(files=tuple(files), diagnostics=tuple(diagnostics), rules=tuple(rules))


def _normal(path: str) -> str:
    return os.path.normpath(path).replace(os.sep, "/")


def _in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(diagnostics, key=lambda each: (each.place.start, each.place.end, each.id)))


def _hashed(file: FileResult, report: Report) -> FileResult:
    """The file with the hashes of more lines, where the report wants them."""
    if not report.settings.line_hashes:
        return file
    last = max((each.place.line for each in file.diagnostics), default=0)
    with open(file.path, "rb") as opened:
        return file._replace(line_hashes=line_hashes(opened.read(), max(last, len(file.line_hashes))))


def _diagnostics(file: FileResult, matches: Iterable[dict[str, Any]], rules: dict[Rule, None]) -> Iterator[Diagnostic]:
    """The findings that cfn-lint adds to ours in one file; their rules are noted in `rules`."""
    try:
        with open(file.path, "rb") as opened:
            text = decode(opened.read())
    except OSError:
        return
    document = read(text, file.path)
    known = (*file.diagnostics, *file.suppressed)
    seen: set[tuple[str, Span, str]] = set()
    for match in matches:
        try:
            rule, span, message, way = _read(match, text)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # a match in a form that a later cfn-lint may have; the others stand
        if (rule.id, span, message) in seen or _is_ours(rule, span, way, known, text):
            continue
        seen.add((rule.id, span, message))
        rules.setdefault(rule)
        yield _diagnostic(file.path, text, document, rule, span, message)


def _read(match: dict[str, Any], text: Text) -> tuple[Rule, Span, str, str]:
    """Rule, span, message and the keys that lead there. Raises KeyError and others for a match of another form."""
    about, where = match["Rule"], match["Location"]
    start = _offset(text, where["Start"])
    end = max(start, _offset(text, where["End"]))
    severity = _LEVELS[match["Level"]]
    id = f"cfn-lint/{about['Id']}"
    summary = str(about.get("ShortDescription") or about["Id"])
    rule = Rule(id, id, summary, "correctness", severity, "high", "regular", ("template",))
    way = ".".join(step for step in where.get("Path") or () if isinstance(step, str))
    return rule, Span(start, end), " ".join(str(match["Message"]).split()), way


def _offset(text: Text, point: dict[str, int]) -> int:
    """The offset of a line and column of cfn-lint, both from 1, within the text."""
    starts = text.line_starts
    line = min(max(point["LineNumber"], 1), len(starts))
    end = starts[line] if line < len(starts) else len(text.content)
    return min(starts[line - 1] + max(point["ColumnNumber"], 1) - 1, end)


def _diagnostic(path: str, text: Text, document: Document, rule: Rule, span: Span, message: str) -> Diagnostic:
    where = place(path, text, span)
    return Diagnostic(
        rule.name,
        rule.id,
        rule.severity,
        rule.confidence,
        message,
        where,
        lines_of(text, where),
        keys=keys(document, span),
        anchor=anchor(document, span, rule.name),
    )


def _is_ours(rule: Rule, span: Span, way: str, known: Iterable[Diagnostic], text: Text) -> bool:
    """Whether one of our findings says the same: of a family that supersedes the rule, or at the same key."""
    id = rule.id.removeprefix("cfn-lint/")
    families = SUPERSEDED.get(id, ())
    line = text.position(span.start).line
    for each in known:
        same = each.place.line == line or (bool(way) and each.keys == way)
        if id == _UNREADABLE and (each.rule == "syntax-error" or (each.rule == "duplicate-key" and same)):
            return True
        if id in _SCHEMA_RULES and same:
            return True
        if families and each.id.startswith(families) and (same or f"{each.keys}.".startswith(f"{way}.")):
            return True
    return False

"""cfn-lint beside us: run in its own process over the templates of a run, its findings merged into the report.

It is never imported and never run unless asked for. What cilint reports better at the same place is left out.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from cilint.core.finding import Severity
from cilint.core.rule import Rule
from cilint.engine.beside import File, Told, diagnostic, nothing, program_at
from cilint.engine.result import Diagnostic
from cilint.source.read import read
from cilint.source.text import Span, Text, decode

NAME: Final = "cfn-lint"
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


class CfnLintError(Exception):
    """Why there is nothing from cfn-lint, in one line."""


def told(files: Sequence[File], trusted: bool = True, advice: bool = False) -> Told:
    """cfn-lint's findings in the templates of a run, without what ours say better. Never raises.

    `trusted` is False where not the command line but a configuration asks for it: cfn-lint's own configuration, which
    can name code to run, is not read then. With `advice` its informational rules run, which are off in cfn-lint itself.
    """
    templates = [file for file in files if file.result.kind == "template" and file.result.checked and file.data is None]
    if not templates:
        return nothing(NAME)
    matches: dict[str, list[dict[str, Any]]] = {}
    try:
        for match in _matches([file.path for file in templates], trusted, advice):
            matches.setdefault(_normal(str(match.get("Filename"))), []).append(match)
    except CfnLintError as error:
        return nothing(NAME, str(error))
    rules: dict[Rule, None] = {}
    diagnostics = {
        file.result.path: list(_diagnostics(file, matches[_normal(file.path)], rules))
        for file in templates
        if _normal(file.path) in matches
    }
    return Told(NAME, diagnostics, tuple(rules), frozenset(file.result.path for file in templates))


def program() -> str | None:
    """The path of cfn-lint's program: what PROGRAM names, else beside this Python, else in the PATH."""
    return program_at(NAME, PROGRAM)


def _matches(paths: list[str], trusted: bool, advice: bool) -> Iterator[dict[str, Any]]:
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


def _normal(path: str) -> str:
    return os.path.normpath(path).replace(os.sep, "/")


def _diagnostics(file: File, matches: Iterable[dict[str, Any]], rules: dict[Rule, None]) -> Iterator[Diagnostic]:
    """The findings that cfn-lint adds to ours in one file; their rules are noted in `rules`."""
    try:
        text = decode(file.read())
    except OSError:
        return
    document = read(text, file.path)
    known = file.result.diagnostics
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
        yield diagnostic(file.result.path, document, rule, span, message)


def _read(match: dict[str, Any], text: Text) -> tuple[Rule, Span, str, str]:
    """Rule, span, message and the keys that lead there. Raises KeyError and others for a match of another form."""
    about, where = match["Rule"], match["Location"]
    start = _offset(text, where["Start"])
    end = max(start, _offset(text, where["End"]))
    severity = _LEVELS[match["Level"]]
    id = f"{NAME}/{about['Id']}"
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

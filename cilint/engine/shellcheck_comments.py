"""What of shellcheck's comments is worth saying about a build, how loudly, and what cilint says better.

Tables first. Running it, and finding the places in the file, is `shellcheck`'s work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from cilint.catalog.codebuild_variables import FIXED, VARIABLES
from cilint.core.finding import Confidence, Severity
from cilint.core.rule import Rule
from cilint.engine.result import Diagnostic
from cilint.engine.scripts import KINDS, Script
from cilint.shell.script import UNCHECKED
from cilint.source.record import NamedTuple
from cilint.source.text import Span

NAME: Final = "shellcheck"
_WIKI: Final = "https://www.shellcheck.net/wiki/"

_LEVELS: Final[dict[str, Severity]] = {"error": "warning", "warning": "warning", "info": "note", "style": "note"}
"""An error of shellcheck's is one of ours only where a shell refuses the command (`severity_of`)."""

OFF: Final[dict[str, str]] = {
    "SC1009": "says again what SC1072 and SC1073 say",
    "SC1090": "the files that a command sources are in the repository or the image, not beside the script",
    "SC1091": "the files that a command sources are in the repository or the image, not beside the script",
    "SC1128": "CodeBuild's shell runs the commands; a shebang among them is a comment",
    "SC2024": "commands run as root, and so do their redirections",
    "SC2034": "a variable may be one of exported-variables, or read by a script that is sourced",
    "SC2103": "each command is a script of its own for CodeBuild, so there is no subshell around two of them",
    "SC2148": "CodeBuild's shell runs the commands; they need no shebang",
    "SC2153": "the project, the pipeline and the image set variables that no command assigns",
    "SC2154": "the project, the pipeline and the image set variables that no command assigns",
    "SC2239": "CodeBuild's shell runs the commands; a shebang among them is a comment",
    "SC2317": "`exit` ends one command of the build, and the next ones may run all the same",
}
"""What shellcheck cannot judge in the commands of a build, and why."""

LOWERED: Final[dict[str, str]] = {
    "SC1010": "`echo done` prints what it says",
    "SC2046": "what is not quoted and comes from the build itself is a matter of style",
    "SC2097": "`NAME=$NAME tool` hands on the value that is there",
    "SC2098": "`NAME=$NAME tool` hands on the value that is there",
    "SC2155": "most of what is assigned with `export` cannot fail",
    "SC2183": "one substitution without quotes may give all the arguments",
    "SC2240": "`sh` is bash in some images, and there `.` hands arguments on",
    "SC2284": "`echo === text ===` prints what it says",
}
"""Warnings of shellcheck's that are notes here, and why. So is all of SC3xxx, since `sh` is bash in some images."""

SUPERSEDED: Final[dict[str, tuple[str, ...]]] = {
    "SC2015": ("failure-swallowed",),
    "SC2030": ("state-lost-between-commands",),
    "SC2031": ("state-lost-between-commands",),
    "SC2046": ("removed-command", "untrusted-argument", "untrusted-code"),
    "SC2048": ("untrusted-argument", "untrusted-code"),
    "SC2068": ("untrusted-argument", "untrusted-code"),
    "SC2086": ("untrusted-argument", "untrusted-code"),
    "SC2091": ("removed-command",),
    "SC2164": ("failure-forgotten", "state-lost-between-commands"),
}
"""shellcheck's rule, to the rules of ours that say it better where they speak of the same words."""
_PORTABILITY: Final = "bash-syntax-in-sh"  # speaks once a build of all that SC3xxx say

_STOPPED: Final = frozenset(["SC1070", "SC1072", "SC1088", "SC1089"])  # nothing behind the place was read
_GENERAL: Final = frozenset(["SC1072", "SC1073"])  # that something could not be parsed
_CONSTANT: Final = frozenset(
    ["SC2043", "SC2050", "SC2078", "SC2157", "SC2158", "SC2159", "SC2160", "SC2161", "SC2170", "SC2193", "SC2194"]
)
"""What it says of constants; `__Name__` in a template's build is none, the stack puts a value in."""
_PUT_IN: Final = re.compile(r"__\w+?__")


class Comment(NamedTuple):
    """One thing that shellcheck says of a script; `span` is in the script's own text."""

    code: str
    level: str
    message: str
    span: Span


def worth_saying(script: Script, comments: Sequence[Comment]) -> Iterator[Comment]:
    """The comments that hold for a build, of all on the syntax error that ends the reading the first one."""
    repeated = _repeated(comments)
    for comment in comments:
        if comment.code in OFF or comment.span.start < 0 or comment in repeated:
            continue
        if comment.code == "SC2086" and _is_one_word(script.text[comment.span.start : comment.span.end]):
            continue
        simple = script.simple(comment.span.start) if script.whole else None
        if comment.code == "SC2164" and simple is not None and simple.failure != UNCHECKED:
            continue  # CodeBuild itself ends the phase where the command fails
        if comment.code in _CONSTANT and script.outward is not None and _PUT_IN.search(_around(script, comment.span)):
            continue
        yield comment


def stops(comments: Iterable[Comment]) -> bool:
    """Whether shellcheck has read no further than a syntax error."""
    return any(comment.code in _STOPPED for comment in comments)


def _repeated(comments: Sequence[Comment]) -> Sequence[Comment]:
    """Of the comments on a syntax error that ends the reading all but the one that says where it starts."""
    syntax = [each for each in comments if each.level == "error" and each.code.startswith("SC1")]
    first = min(syntax, key=lambda each: (each.span.start, each.code in _GENERAL), default=None)
    return [each for each in syntax if each is not first] if stops(syntax) else []


def _is_one_word(expansion: str) -> bool:
    """Whether CodeBuild gives the variable a value without blanks and wildcards."""
    name = expansion.strip("${}")
    return name in ("AWS_DEFAULT_REGION", "AWS_REGION") or VARIABLES.get(name) == FIXED


def _around(script: Script, span: Span) -> str:
    """The lines that hold a range of a script."""
    end = script.text.find("\n", span.end)
    return script.text[script.text.rfind("\n", 0, span.start) + 1 : end if end >= 0 else None]


def is_ours(code: str, span: Span, script: Script, ours: Iterable[Diagnostic]) -> bool:
    """Whether one of our findings says the same: about the same words, or of the whole build about its dialect."""
    better = SUPERSEDED.get(code, ())
    portability = code.startswith("SC3")
    for each in ours:
        start, end = each.place.start, each.place.end
        if each.rule in better and start < max(span.end, span.start + 1) and span.start < max(end, start + 1):
            return True
        if portability and each.rule == _PORTABILITY and script.holds(start):
            return True
    return False


def severity_of(script: Script, comment: Comment) -> Severity:
    """A syntax error that our grammar sees, too, is an error: the shell refuses the command."""
    if not script.surely:
        return "note"
    if comment.code in LOWERED or comment.code.startswith("SC3"):
        return "note"
    if script.unreadable and comment.level == "error" and comment.code.startswith("SC1"):
        return "error"
    return _LEVELS.get(comment.level, "note")


def confidence_of(script: Script) -> Confidence:
    return "medium" if script.surely else "low"


def rule_of(code: str, level: str) -> Rule:
    id = f"{NAME}/{code}"
    category = "style" if level == "style" else "correctness"
    severity = "note" if code in LOWERED or code.startswith("SC3") else _LEVELS.get(level, "note")
    summary = f"shellcheck's rule {code}, {_WIKI}{code}"
    return Rule(id, id, summary, category, severity, "medium", "regular", tuple(sorted(KINDS)))

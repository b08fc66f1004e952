"""Commands whose output, and variables by whose names, somebody else's text comes into a build, and who chose it.

What CodeBuild itself sets is in `codebuild_variables`. Facts: git-log(1) "PRETTY FORMATS", git-check-ref-format(1), and
the names that CodePipeline gives its variables
(https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cilint.catalog.codebuild_variables import ARBITRARY, FIXED, STRUCTURED
from cilint.source.pattern import lazy

if TYPE_CHECKING:
    from collections.abc import Sequence

# Placeholders of --format that nobody else chooses: hashes, dates, marks. All others hold names or messages.
_FIXED_PLACEHOLDER: Final = lazy(
    r"%(?:[HhTtPpnm%]|[ac](?:[drtiIsh])|x[0-9a-fA-F]{2}|C(?:\([^)]*\)|red|green|blue|reset))"
)

# Subcommand of git -> who chose what it prints; "" where the options decide.
_GIT: Final = {
    "branch": STRUCTURED,
    "describe": STRUCTURED,
    "for-each-ref": STRUCTURED,
    "log": "",
    "ls-remote": STRUCTURED,
    "name-rev": STRUCTURED,
    "rev-parse": "",
    "shortlog": ARBITRARY,
    "show": "",
    "symbolic-ref": STRUCTURED,
    "tag": STRUCTURED,
}
_NAMES_FILES: Final = ("--name-only", "--name-status", "--stat", "--shortstat", "--numstat")

# (program, first operands, a part of the arguments) -> who chose what comes out.
_OTHERS: Final = (
    ("gh", ("pr|issue|release", "view|list"), ARBITRARY),
    ("aws", ("codecommit", "get-commit|get-pull-request|list-pull-requests"), ARBITRARY),
)

_BY_NAME: Final = (
    (
        ARBITRARY,
        lazy(
            r"(?:GIT_|SOURCE_|CI_|LAST_|HEAD_)?(?:COMMIT_?(?:MESSAGE|MSG|TITLE|SUBJECT|AUTHOR)|AUTHOR_?(?:NAME|DISPLAY_?NAME|EMAIL))"
            r"|(?:PR|PULL_?REQUEST)_?(?:TITLE|BODY|DESCRIPTION)",
            re.IGNORECASE,
        ),
    ),
    (
        STRUCTURED,
        lazy(r"(?:GIT|SOURCE|HEAD|PR|CI|PULL_REQUEST)_?BRANCH(?:_?NAME)?|BRANCH_?NAME|TAG_?NAME", re.IGNORECASE),
    ),
)


def who_writes(program: str, operands: Sequence[str | None], arguments: Sequence[str]) -> str:
    """FIXED, STRUCTURED or ARBITRARY: who chose the text that `program` prints.

    `operands` are its arguments that are no options, None where one is not literal; `arguments` all as written. Names
    of files are FIXED: who may add a file may write into it what he likes, and a review shows both.
    """
    if program == "git" and operands:
        return _of_git(operands[0] or "", arguments)
    for name, words, who in _OTHERS:
        fits = all(word in wanted.split("|") for word, wanted in zip(operands, words, strict=False))
        if program == name and len(operands) >= len(words) and fits:
            return who
    return FIXED


def _of_git(subcommand: str, arguments: Sequence[str]) -> str:
    who = _GIT.get(subcommand, FIXED)
    if who:
        return who
    if subcommand == "rev-parse":
        return STRUCTURED if any(word.startswith("--abbrev-ref") for word in arguments) else FIXED
    if any(word in _NAMES_FILES for word in arguments) and not any("format" in word for word in arguments):
        return ARBITRARY if subcommand == "show" else FIXED
    if subcommand == "show" and any(":" in word and not word.startswith("-") and "%" not in word for word in arguments):
        return FIXED  # `git show HEAD:file`
    formats = [form for word in arguments if (form := _format(word))]
    if not formats and any(word in ("--format", "--pretty") for word in arguments):
        at = next(n for n, word in enumerate(arguments) if word in ("--format", "--pretty"))
        formats = [word.strip("\"'") for word in arguments[at + 1 : at + 2]]
    if not formats:
        return ARBITRARY
    rest = _FIXED_PLACEHOLDER.sub("", formats[-1])
    return ARBITRARY if "%" in rest or "$" in rest or formats[-1].isalpha() else FIXED


def _format(word: str) -> str:
    """`%H` of `--format=%H`, `--pretty="format:%H"` and the like."""
    bare = word.strip("\"'")
    for flag in ("--format=", "--pretty="):
        if bare.startswith(flag):
            return bare[len(flag) :].strip("\"'").removeprefix("tformat:").removeprefix("format:").strip("\"'")
    return ""


def likely(name: str) -> str:
    """Who probably chose the value of a variable that nothing in the build sets, judged by its name alone."""
    for who, form in _BY_NAME:
        if form.fullmatch(name):
            return who
    return FIXED

"""Checks of text that strangers choose, such as a branch's name, on its way into commands.

Who decides what is in a variable is in the catalogue. A shell does not read again what it has expanded: `echo "$X"` is
no injection. These checks look for those that do read it again, and for arguments that may turn into options.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.catalog.codebuild_variables import ARBITRARY, FIXED, who_decides
from cilint.core.finding import Finding, Related
from cilint.core.rule import check
from cilint.model.buildspec import Buildspec, Step
from cilint.shell.script import SimpleCommand
from cilint.shell.words import ARITHMETIC, COMMAND, EXPANSION, Part, Word
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple

# Commands that read one of their arguments as a program: the options before it, () for the first operand.
_PROGRAMS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("sh", "bash", "dash", "ash", "zsh", "ksh", "su"), ("-c", "-lc", "-ec", "-exc", "-xc", "-euc")),
    **dict.fromkeys(("python", "python2", "python3"), ("-c",)),
    **dict.fromkeys(("node", "ruby", "perl"), ("-e", "-ne", "-pe", "-p", "--eval")),
    "php": ("-r",),
    "pwsh": ("-c", "-Command"),
    "psql": ("-c", "--command"),
    "mysql": ("-e", "--execute"),
}
_EVERY_ARGUMENT: Final = frozenset(("eval", "ssh", "trap", "source", "."))
_FIRST_OPERAND: Final = frozenset(("sed", "awk", "gawk", "jq", "yq", "xargs"))
_INTERPRETERS: Final = frozenset((*_PROGRAMS, "ssh", "sqlplus"))

# What somebody's text can do as an option or as two arguments.
_DANGEROUS: Final = frozenset(
    ("git", "curl", "wget", "tar", "rm", "find", "rsync", "scp", "helm", "terraform", "docker", "zip", "cp", "mv")
)


class _Tainted(NamedTuple):
    """A variable of the build that holds a stranger's text: who chose it, and where it comes from."""

    level: str
    source: str
    step: Step | None  # the assignment, None for CodeBuild's own variable


class _Taint:
    """The variables that hold strangers' text, as the commands go on; guards and cleaning take them out again."""

    def __init__(self) -> None:
        self.known: dict[str, _Tainted] = {}

    def of(self, name: str) -> _Tainted | None:
        if name in self.known:
            return self.known[name] if self.known[name].level != FIXED else None
        level = who_decides(name)
        return _Tainted(level, name, None) if level != FIXED else None

    def follow(self, step: Step) -> None:
        """What the step's assignments and tests make of it."""
        for assignment in step.simple.assignments:
            value = assignment.value
            sources = self.sources(step, value) if value is not None else []
            clean = value is None or not sources or _cleans(step, value)
            worst = next((each for each in sources if each.level == ARBITRARY), sources[0] if sources else None)
            if clean or worst is None:
                self.known[assignment.name] = _Tainted(FIXED, assignment.name, step)
            else:
                self.known[assignment.name] = _Tainted(worst.level, worst.source, step)
        for name in _guarded(step.simple):
            self.known[name] = _Tainted(FIXED, name, step)

    def sources(self, step: Step, word: Word) -> list[_Tainted]:
        """The tainted variables that a word's value is made of, those of commands in it included."""
        names = [part.name for part in word.parts if part.kind == EXPANSION and not _harmless(part)]
        if word.has(COMMAND):
            inner = [
                other
                for other in step.command.parsed.commands
                if word.start <= other.start and other.end <= word.end and other is not step.simple
            ]
            names += [name for other in inner for name in other.reads]
        return [found for name in names if (found := self.of(name)) is not None]


_CLEANING: Final = lazy(
    r"\btr\s+-(?:cd|dc)\b|\btr\s+-c\b|sed\s.*\[\^|\bsha\d*sum\b|\bmd5sum\b|printf\s+['\"]?%q|\bwc\b|grep\s+-[a-zA-Z]*o"
    r"|cut\s+-c"
)
_CLEANED_EXPANSION: Final = lazy(r"//\[!|@Q\}|//\[\^")


def _cleans(step: Step, word: Word) -> bool:
    """Whether the value keeps only harmless characters of what it is made of."""
    return bool(_CLEANING.search(word.raw) or _CLEANED_EXPANSION.search(word.raw))


def _harmless(part: Part) -> bool:
    """`${#X}` is a number, `${X:+set}` is not X, `${X@Q}` is quoted."""
    return (
        part.text.startswith("${#")
        or bool(_CLEANED_EXPANSION.search(part.text))
        or bool(re.match(r"\$\{\w+:?\+", part.text))
    )


def _guarded(simple: SimpleCommand) -> Iterator[str]:
    """The variables that a test looks at. What it lets through is for people to judge; being empty is no test."""
    if simple.name in ("[", "[[", "test", "grep", "expr") and not simple.has("-n", "-z"):
        for word in simple.args:
            yield from (part.name for part in word.parts if part.kind == EXPANSION)


@check("untrusted-code")
def untrusted_code(buildspec: Buildspec) -> Iterator[Finding]:
    """Strangers' text within what another program reads as code."""
    taint = _Taint()
    for step in buildspec.steps:
        cases = _cases(step)
        for part, reader in _read_again(step):
            for name in part.names or (part.name,):
                found = taint.of(name)
                if found is not None and name not in cases and not _harmless(part):
                    yield _code(step, part, name, reader, found)
                    break
        taint.follow(step)


def _cases(step: Step) -> set[str]:
    """The variables that a `case`, or an `if`, around the step looks at."""
    names: set[str] = set()
    for condition in step.simple.conditions:
        names.update(re.findall(r"\$\{?(\w+)", condition.text))
    return names


def _code(step: Step, part: Part, name: str, reader: str, found: _Tainted) -> Finding:
    what = "text that strangers write" if found.level == ARBITRARY else "a name that others choose"
    whose = f"`{name}`" if name == found.source else f"`{name}`, made of `{found.source}`,"
    return Finding(
        step.place(part),
        f"{whose} holds {what}, and {reader} reads it as code; pass it as an argument of its own, or allow only known "
        "characters before",
        related=(Related(found.step.span, "it comes from here"),) if found.step is not None else (),
    )


def _read_again(step: Step) -> Iterator[tuple[Part, str]]:
    """The expansions that become part of a program, each with who reads it."""
    simple = step.simple
    for word in _programs(simple):
        for part in word.parts:
            if part.kind == EXPANSION and (part.quoted or simple.name in _EVERY_ARGUMENT or len(word.parts) == 1):
                yield part, f"`{simple.name}`"
    for word in (*simple.words, *(each.value for each in simple.assignments if each.value)):
        for part in word.parts:
            if part.kind == ARITHMETIC and part.names:
                yield part, "the shell's arithmetic"
    if simple.name in _INTERPRETERS or _feeds_interpreter(step):
        for redirect in simple.redirects:
            body = redirect.heredoc
            for part in body.parts if body is not None and not body.quoted else ():
                if part.kind == EXPANSION:
                    yield part, "the interpreter of this heredoc"


def _feeds_interpreter(step: Step) -> bool:
    piped = step.command.parsed.piped(step.simple)
    return step.simple.name == "cat" and any(each.name in _INTERPRETERS and len(each.words) == 1 for each in piped)


def _programs(simple: SimpleCommand) -> Iterator[Word]:
    """The arguments that the command reads as code."""
    if simple.name in _EVERY_ARGUMENT:
        yield from simple.args[1:] if simple.name == "ssh" else simple.args
    elif simple.name in _PROGRAMS:
        flags = _PROGRAMS[simple.name]
        for before, word in zip(simple.args, simple.args[1:], strict=False):
            if before.raw in flags:
                yield word
    elif simple.name in _FIRST_OPERAND:
        scripts = [after for word, after in zip(simple.args, simple.args[1:], strict=False) if word.raw == "-e"]
        first = next((word for word in simple.args if not word.raw.startswith("-")), None)
        if simple.name == "xargs":
            return
        yield from scripts or ([first] if first is not None else [])
    elif simple.matches("docker|podman|kubectl", "exec|run"):
        for before, word in zip(simple.args, simple.args[1:], strict=False):
            if before.raw in ("-c", "-lc"):
                yield word


@check("untrusted-argument")
def untrusted_argument(buildspec: Buildspec) -> Iterator[Finding]:
    """Strangers' text, unquoted, among the arguments of a command whose options can do harm."""
    taint = _Taint()
    for step in buildspec.steps:
        simple = step.simple
        if simple.name in _DANGEROUS:
            cases = _cases(step)
            for word in simple.args:
                for part in word.parts:
                    found = taint.of(part.name) if part.kind == EXPANSION and not part.quoted else None
                    if found is None or part.name in cases or _harmless(part):
                        continue
                    if found.level == ARBITRARY or (part.start == word.start and not _whole_reference(part)):
                        yield _argument(step, part, found)
        taint.follow(step)


def _argument(step: Step, part: Part, found: _Tainted) -> Finding:
    harm = (
        "without quotes the shell makes several arguments of it, which can be options"
        if found.level == ARBITRARY
        else "it may begin with `-` and be an option"
    )
    return Finding(
        step.place(part),
        f"others choose what is in `{part.name}`, and {harm} of `{step.simple.name}`; test it before, and write "
        f'`"{part.text}"`',
        related=(Related(found.step.span, "it comes from here"),) if found.step is not None else (),
    )


def _whole_reference(part: Part) -> bool:
    """A reference as CodeBuild gives it begins with `refs/`, `branch/` or `pr/`, and holds no blank."""
    return part.name in _REFS or part.name.startswith("CODEBUILD_WEBHOOK_")


_REFS: Final = ("CODEBUILD_WEBHOOK_HEAD_REF", "CODEBUILD_WEBHOOK_BASE_REF", "CODEBUILD_WEBHOOK_TRIGGER")


@check("loose-ref-check")
def loose_ref_check(step: Step) -> Iterator[Finding]:
    """A comparison with a part of a branch's name."""
    simple = step.simple
    if simple.name == "[[" and len(simple.args) >= 3:
        left, operator, right = simple.args[:3]
        if _is_ref(left) and _loose(operator.raw, right.raw):
            yield _loosely(step, right)
    if simple.name == "grep" and simple.operands:
        fed = [each.target for each in simple.redirects if each.operator == "<<<" and each.target is not None]
        piped = step.command.parsed.piped(simple)
        if piped and piped[0].name in ("echo", "printf") and simple.pipe and simple.pipe.position == 1:
            fed += piped[0].args
        pattern = simple.operands[0]
        if any(_is_ref(word) for word in fed) and not _anchored(pattern) and not simple.has("-x"):
            yield _loosely(step, pattern)


def _loosely(step: Step, pattern: Word) -> Finding:
    return Finding(
        step.place(pattern),
        f"`{pattern.raw}` fits every branch with such a part in its name, and anyone may name a branch so; compare the "
        "whole of it, such as `refs/heads/main`",
    )


def _is_ref(word: Word) -> bool:
    return any(part.kind == EXPANSION and part.name in _REFS for part in word.parts)


def _loose(operator: str, pattern: str) -> bool:
    if operator in ("==", "="):
        return pattern.startswith("*") and len(pattern) > 1
    bare = pattern.strip("\"'")
    return operator == "=~" and not (bare.startswith("^") and bare.endswith("$"))


def _anchored(pattern: Word) -> bool:
    text = pattern.raw.strip("\"'")
    return text.startswith("^") and text.endswith("$")

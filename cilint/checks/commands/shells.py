"""Checks of commands against the shell that runs them: bash's syntax in sh, lost state, CodeBuild's own variables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.catalog.codebuild_variables import DATE, VARIABLES, is_known
from cilint.core.finding import Finding, Related
from cilint.core.nearest import nearest
from cilint.core.rule import check
from cilint.model.buildspec import Buildspec, Step
from cilint.shell.script import SimpleCommand
from cilint.shell.words import ARRAY, EXPANSION, PROCESS, Word
from cilint.source.nodes import Mapping
from cilint.source.pattern import lazy
from cilint.source.text import Span

_BASH_COMMANDS: Final = {
    "[[": "`[[ ]]`",
    "((": "`(( ))`",
    "source": "`source`",
    "shopt": "`shopt`",
    "pushd": "`pushd`",
    "popd": "`popd`",
    "declare": "`declare`",
    "typeset": "`typeset`",
    "mapfile": "`mapfile`",
    "readarray": "`readarray`",
    "let": "`let`",
    "disown": "`disown`",
}
_BASH_EXPANSION: Final = lazy(r"\$\{!|\$\{\w+(?:\[|:\s*-?\d|:\s|:\$|/|\^|,|@[A-Za-z]\})")
_BASH_REDIRECTS: Final = {"<<<": "`<<<`", "&>": "`&>`", "&>>": "`&>>`", "|&": "`|&`"}
_SUCCEEDING: Final = "CODEBUILD_BUILD_SUCCEEDING"


@check("bash-syntax-in-sh")
def bash_syntax_in_sh(buildspec: Buildspec) -> Iterator[Finding]:
    """Syntax that bash has and sh need not have, in a build that asks for no bash."""
    if buildspec.dialect != "sh":
        return
    found = [(step, *syntax) for step in buildspec.steps if (syntax := _bash(step.simple))]
    if found:
        step, what, span = found[0]
        yield Finding(
            step.command.place(span),
            f"CodeBuild runs commands with sh, which is dash in the Ubuntu images and knows no {what}; add "
            "`env.shell: bash`",
            related=tuple(Related(each.command.place(at), f"sh need not know {name}") for each, name, at in found[1:5]),
        )


def _bash(simple: SimpleCommand) -> tuple[str, Span] | None:
    """What of the command is bash's, and where; None for what POSIX has."""
    if simple.name in _BASH_COMMANDS:
        first = simple.words[0] if simple.words else None
        return _BASH_COMMANDS[simple.name], Span(first.start, first.end) if first else simple.span
    for redirect in simple.redirects:
        if redirect.operator in _BASH_REDIRECTS:
            return _BASH_REDIRECTS[redirect.operator], Span(redirect.start, redirect.end)
    if simple.name == "set" and any(word.raw == "pipefail" for word in simple.args):
        return "`set -o pipefail`", simple.span
    equals = [word for word in simple.args if word.raw == "=="] if simple.name in ("[", "test") else []
    if equals:
        return "`==` in a test (write `=`)", Span(equals[0].start, equals[0].end)
    values = [assignment.value for assignment in simple.assignments if assignment.value]
    for word in (*simple.words, *values):
        for part in word.parts:
            if part.kind == EXPANSION and _BASH_EXPANSION.match(part.text):
                return f"`{part.text}`", Span(part.start, part.end)
            if part.kind == PROCESS:
                return "`<( )`", Span(part.start, part.end)
            if part.kind == ARRAY:
                return "arrays", Span(part.start, part.end)
    return None


@check("state-lost-between-commands")
def state_lost_between_commands(buildspec: Buildspec) -> Iterator[Finding]:
    """With version 0.1: a `cd` or a variable that ends with the command that sets it."""
    if buildspec.one_shell or not buildspec.steps:
        return
    commands = buildspec.commands
    for index, command in enumerate(commands[:-1]):
        simples = command.parsed.commands
        last = simples[-1] if simples else None
        if last is None or last.inside or last.pipe:
            continue
        if last.name == "cd" and commands[index + 1].phase.name == command.phase.name:
            yield Finding(
                command.place(last.span),
                "with version 0.1 every command has a shell of its own, so the next one starts in the source directory "
                "again; use `version: 0.2`, or join the two with `&&`",
            )
        names = {assignment.name for assignment in last.assignments} if last.name in ("export", "") else set()
        later = {name for other in commands[index + 1 :] for simple in other.parsed.commands for name in simple.reads}
        lost = sorted(names & later)
        if lost:
            yield Finding(
                command.place(last.span),
                f"with version 0.1 every command has a shell of its own, so `{lost[0]}` is not set in the later "
                "commands that read it; use `version: 0.2`",
                severity="error",
            )


@check("unknown-codebuild-variable")
def unknown_codebuild_variable(buildspec: Buildspec) -> Iterator[Finding]:
    """A variable by the name of one of CodeBuild's that CodeBuild does not set."""
    own = _set_in(buildspec)
    seen: set[str] = set()
    for step in buildspec.steps:
        for name in step.simple.reads:
            if name.startswith("CODEBUILD_") and not is_known(name) and name not in own and name not in seen:
                seen.add(name)
                yield _unknown(step, name)


def _unknown(step: Step, name: str) -> Finding:
    near = nearest(name, VARIABLES, 2)
    at = step.command.script.find(name, step.simple.start)
    span = step.command.place(Span(at, at + len(name))) if at >= 0 else step.span
    if near:
        return Finding(span, f"CodeBuild sets no `{name}`, so it is empty; did you mean `{near}`?")
    return Finding(
        span,
        f"CodeBuild is not known to set `{name}` (as of {DATE}), so it is empty unless the project sets it",
        severity="note",
        confidence="low",
    )


def _set_in(buildspec: Buildspec) -> set[str]:
    """The names that the buildspec itself gives a value."""
    names = {assignment.name for step in buildspec.steps for assignment in step.simple.assignments}
    env = buildspec.env
    for table in (env.variables, env.parameter_store, env.secrets_manager) if env else ():
        if table is not None:
            names.update(table.names())
    old = buildspec.get("environment_variables")
    for entry in old.entries if isinstance(old, Mapping) else ():
        if isinstance(entry.value, Mapping):
            names.update(entry.value.names())
    reads = [step.simple for step in buildspec.steps if step.simple.name == "read"]
    return names | {word.text for simple in reads for word in simple.operands if word.text}


_SUCCESS: Final = frozenset(["true", "yes", "success", "succeeded", "ok"])
"""What people take the value for after a build that went well."""


@check("wrong-succeeding-comparison")
def wrong_succeeding_comparison(step: Step) -> Iterator[Finding]:
    """A test of CODEBUILD_BUILD_SUCCEEDING against something that it never is."""
    simple = step.simple
    if not simple.name and simple.words and _is_succeeding(simple.words[0]):
        yield Finding(
            step.place(simple.words[0]),
            f'the shell takes the value, 0 or 1, for a command and does not find it; write `[ "${_SUCCEEDING}" = 1 ]`',
        )
    if simple.name not in ("[", "[[", "test"):
        return
    for index, word in enumerate(simple.args):
        if not _is_succeeding(word):
            continue
        operator, other = (*simple.args[index + 1 : index + 3], None, None)[:2]
        before = simple.args[index - 1].raw if index else ""
        if before in ("-n", "-z") or (operator is None or operator.raw in ("]", "]]", "&&", "||", "-a", "-o")):
            yield Finding(
                step.span,
                f"`{_SUCCEEDING}` is 0 or 1 and never empty, so this says nothing about the build; compare it with 1",
            )
        elif other is not None and other.text is not None and other.text not in ("0", "1", "]", "]]"):
            yield Finding(
                step.place(other),
                f"`{_SUCCEEDING}` is 0 or 1 and never `{other.text}`; compare it with 1",
                fix=step.rewritten(other, "1", "Compare it with 1") if other.text.lower() in _SUCCESS else None,
            )


def _is_succeeding(word: Word) -> bool:
    return len(word.parts) == 1 and word.parts[0].kind == EXPANSION and word.parts[0].name == _SUCCEEDING

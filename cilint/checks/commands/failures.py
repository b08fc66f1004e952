"""Checks of failures that nobody hears of: swallowed, lost in a pipe, forgotten in a block of several commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.core.finding import Finding, Fix, Replacement
from cilint.core.rule import check
from cilint.model.buildspec import Buildspec, Command, Step
from cilint.shell.script import BACKGROUND, LOOPED, OR_TRUE, PIPED, UNCHECKED, SimpleCommand
from cilint.shell.words import Word
from cilint.shell.work import BUILD, CHECK, INSTALL, PUBLISH, TEST, named, work_of
from cilint.source.nodes import LITERAL
from cilint.source.text import Span

# Changes that are made "if they are not there yet": that they fail is expected.
_REPEATABLE: Final = frozenset(
    ("create", "delete", "create-stack", "create-service", "create-function", "create-environment", "uninstall")
)
# Steps, and those that fail by themselves where the step before them failed.
_NEEDED_BY: Final = (
    (("terraform|tofu", "init|validate"), ("terraform|tofu", "plan|apply|destroy")),
    (("packer", "init|validate"), ("packer", "build")),
)
_WHAT: Final = {
    TEST: "these tests",
    CHECK: "this check",
    BUILD: "this build step",
    INSTALL: "this install",
    PUBLISH: "this step",
}


@check("failure-swallowed")
def failure_swallowed(step: Step) -> Iterator[Finding]:
    """Tests, checks and deployments whose failure `|| true` turns into success."""
    if step.simple.failure != OR_TRUE:
        return
    work = work_of(step.simple)
    if work in (TEST, CHECK) or (work == PUBLISH and not _repeatable(step.simple)):
        yield Finding(
            step.span,
            f"the build goes on when {_WHAT[work]} fail{'' if work == TEST else 's'}: what stands behind `||` "
            "succeeds; remove it, or name the failures that are expected",
            severity="note" if work == CHECK else None,
        )


def _repeatable(simple: SimpleCommand) -> bool:
    return any(operand.text in _REPEATABLE for operand in simple.operands[:3])


@check("failure-lost-in-pipe")
def failure_lost_in_pipe(buildspec: Buildspec) -> Iterator[Finding]:
    """Work whose failure a pipe hides, since the pipe's last command decides."""
    advice = "put `set -o pipefail` before it" if buildspec.dialect == "bash" else _PIPEFAIL_IN_SH
    for step in buildspec.steps:
        if _sets(step.simple, "pipefail"):
            return  # it holds for what follows in this shell
        work = work_of(step.simple) if step.simple.failure == PIPED else ""
        if work:
            yield Finding(
                step.span,
                f"when `{named(step.simple)}` fails, nobody notices: the last command of the pipe decides; {advice}",
            )


_PIPEFAIL_IN_SH: Final = "set `env.shell: bash` and put `set -o pipefail` before it"


@check("failure-forgotten")
def failure_forgotten(buildspec: Buildspec) -> Iterator[Finding]:
    """Work in the middle of a command of several lines, whose failure the last line forgets."""
    errexit = False
    for command in buildspec.commands if buildspec.steps else ():
        simples = command.parsed.commands
        lost = [simple for simple in simples if simple.failure in (UNCHECKED, LOOPED) and not simple.function]
        working = [(simple, work) for simple in lost if (work := work_of(simple))]
        if working and not errexit:
            forgotten = [each for each in working if not _heard(each[0], simples[-1])]
            yield _forgotten(command, *(forgotten or working)[0], heard=not forgotten)
        errexit = errexit or any(_sets(simple, "e") and not simple.inside for simple in simples)


def _heard(simple: SimpleCommand, last: SimpleCommand) -> bool:
    """Whether the last command fails, too, when `simple` failed."""
    if _pushes(simple, last):
        return True
    return simple.inside == last.inside and any(
        simple.matches(*needed) and last.matches(*by) for needed, by in _NEEDED_BY
    )


def _pushes(simple: SimpleCommand, last: SimpleCommand) -> bool:
    """Whether the last command pushes the image that `simple` builds: it is not there when the build failed."""
    if simple.failure == LOOPED or not (simple.matches("docker", "build") and last.matches("docker", "push")):
        return False
    tag = simple.option("-t", "--tag")
    return isinstance(tag, Word) and bool(last.operands[1:]) and last.operands[1].raw.strip('"') == tag.raw.strip('"')


def _forgotten(command: Command, simple: SimpleCommand, work: str, heard: bool) -> Finding:
    why = "the loop goes on" if simple.failure == LOOPED else "the following lines run all the same"
    return Finding(
        command.place(simple.span),
        f"when `{named(simple)}` fails, {why}, and the last one decides whether the command failed; "
        "begin with `set -e`",
        severity=None if work in (TEST, PUBLISH, BUILD) and not heard else "note",
        fix=_errexit(command),
    )


def _errexit(command: Command) -> Fix | None:
    """`set -e` as the first line of a block."""
    if command.scalar.style != LITERAL:
        return None
    start = command.place(Span(0, 1)).start
    content = command.text.content
    indent = content[content.rfind("\n", 0, start) + 1 : start]
    if indent.strip():
        return None
    return Fix("Begin with `set -e`", "unsafe", (Replacement(Span(start, start), f"set -e\n{indent}"),))


@check("background-process")
def background_process(step: Step) -> Iterator[Finding]:
    """A process that is left running with the build's own output."""
    simple = step.simple
    if simple.failure != BACKGROUND or simple.inside or any(each.operator[:1] in ">&" for each in simple.redirects):
        return
    waits = any(other.name == "wait" for other in step.command.parsed.commands)
    if simple.name and not waits and not any(word.raw == "nohup" for word in simple.prefixes):
        yield Finding(
            step.span,
            f"`{named(simple)}` goes on in the background and keeps the build's output open, so that the phase may not "
            "end; write `nohup … > server.log 2>&1 &`",
        )


def _sets(simple: SimpleCommand, what: str) -> bool:
    """Whether the command is a `set` that turns on `-e` (what: "e") or `pipefail`."""
    if simple.name != "set":
        return False
    if what == "e":
        return any(
            (word.raw[:1] == "-" and word.raw[1:2] != "-" and "e" in word.raw[1:]) or word.raw == "errexit"
            for word in simple.args
        )
    return any(word.raw == what for word in simple.args)

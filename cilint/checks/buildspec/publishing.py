"""Checks of what a build publishes, and of whether it should when the build has failed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from cilint.core.finding import Finding, Fix, Related, Replacement
from cilint.core.rule import check
from cilint.model.buildspec import Buildspec, Command, Phase
from cilint.shell.dialect import is_posix
from cilint.shell.script import Condition, SimpleCommand, mentions
from cilint.shell.tools import PUBLISHES, Publish, publish_of
from cilint.source.text import Span

_FAILED: Final = {"CODEBUILD_BUILD_SUCCEEDING": "0"}
_CANNOT_FAIL: Final = frozenset(["echo", "printf", "date", "export", "set", "true", ":", "ls", "pwd", "cd", ""])
_TOOLS: Final = tuple(sorted({name for line in PUBLISHES for name in line.words[0].split("|")} | {"docker"}))


class _Published(NamedTuple):
    command: Command
    simple: SimpleCommand
    publish: Publish


@check("publish-after-failed-build")
def publish_after_failed_build(buildspec: Buildspec) -> Iterator[Finding]:
    """A command of post_build that publishes, and that nothing keeps from running after a failed build phase."""
    build, post_build = buildspec.phase("build"), buildspec.phase("post_build")
    if not (build and post_build and is_posix(buildspec.dialect)) or _aborts(build):
        return
    steps = [step for command in build.commands for step in command.parsed.commands if step.name not in _CANNOT_FAIL]
    if not steps:
        return
    unguarded = list(_unguarded(post_build))
    if not unguarded:
        return
    certain = [each for each in unguarded if not (each.publish.fails_by_itself and _made_last(steps, each))]
    first, *others = certain or unguarded
    yield Finding(
        first.command.place(first.simple.span),
        f"this command {first.publish.does} even when the build phase failed: post_build runs all the same; put "
        '`[ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ] || exit 1` before it, or `on-failure: ABORT` on the build phase',
        severity=None if certain else "note",
        fix=_guarded(first.command),
        related=tuple(
            Related(each.command.place(each.simple.span), f"this one {each.publish.does}, too") for each in others[:4]
        ),
    )


def _guarded(command: Command) -> Fix | None:
    """A command before this one that ends post_build after a failed build phase; only in a list with a line an item."""
    text = command.text
    start = text.line_starts[text.position(command.scalar.start).line - 1]
    dash = text.content[start : command.scalar.start]
    if dash.strip(" ") != "-":
        return None
    guard = f"{dash}'[ \"$CODEBUILD_BUILD_SUCCEEDING\" = 1 ] || exit 1'\n"
    return Fix("End post_build after a failed build", "unsafe", (Replacement(Span(start, start), guard),))


def _aborts(build: Phase) -> bool:
    return build.on_failure is not None and build.on_failure.value == "ABORT"


def _unguarded(post_build: Phase) -> Iterator[_Published]:
    """The publishing commands that nothing keeps from running when the build failed, in order."""
    before: tuple[Condition, ...] = ()
    for command in post_build.commands:
        guard = "SUCCEEDING" in command.script
        if not guard and not mentions(command.script, _TOOLS):
            continue
        script = command.parsed
        for simple in script.commands:
            publish = publish_of(simple)
            if publish and not simple.function and script.runs(simple, _FAILED, before):
                yield _Published(command, simple, publish)
        before += script.after


def _made_last(steps: list[SimpleCommand], published: _Published) -> bool:
    """Whether what is published comes from the last step of the build that can fail: then it is missing, too."""
    if published.simple.name == "docker":
        builds = [n for n, step in enumerate(steps) if step.matches("docker", "build|buildx")]
        return bool(builds) and all(step.matches("docker", "tag|images") for step in steps[builds[-1] + 1 :])
    return len(steps) == 1

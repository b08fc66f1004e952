"""Checks of what a build publishes, and of whether it should when the build has failed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.core.finding import Finding, Fix, Related, Replacement
from cilint.core.rule import check
from cilint.model.buildspec import Buildspec, Command, Phase
from cilint.shell.dialect import is_posix
from cilint.shell.script import COUNTS, SUBSTITUTION, Condition, SimpleCommand, mentions
from cilint.shell.tools import PUBLISHES, Publish, publish_of
from cilint.shell.work import CHECK, TEST, work_of
from cilint.source.record import NamedTuple
from cilint.source.text import Span

_FAILED: Final = {"CODEBUILD_BUILD_SUCCEEDING": "0"}
_CANNOT_FAIL: Final = frozenset(["echo", "printf", "date", "export", "set", "true", ":", "ls", "pwd", "cd", ""])
_TOOLS: Final = tuple(sorted({name for line in PUBLISHES for name in line.words[0].split("|")} | {"docker"}))
_ADVICE: Final = (
    'put `[ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ] || exit 1` before it, or `on-failure: ABORT` on the build phase'
)


class _Published(NamedTuple):
    command: Command
    simple: SimpleCommand
    publish: Publish


class _Build:
    """A build phase: what is missing when it has failed, whichever of its steps did."""

    def __init__(self, build: Phase) -> None:
        steps = [step for command in build.commands for step in command.parsed.commands]
        self.can_fail = [step for step in steps if step.name not in _CANNOT_FAIL and SUBSTITUTION not in step.inside]
        work = [step for step in self.can_fail if not step.matches("docker", "tag|images")]
        # What only comes about when all work is done: names of images, values of variables.
        end = steps[steps.index(work[-1]) + 1 :] if work else steps
        self._late_tags = {step.operands[2].raw for step in end if step.matches("docker", "tag") and step.operands[2:]}
        self._late_names = {assignment.name for step in end for assignment in step.assignments}
        makers = [step for step in self.can_fail if step.matches("docker", "build|buildx|pull|load")]
        # An image that no docker command makes was made by some other step, the last one for all that can be seen.
        self.lacks_image = bool(work) and (not makers or makers[-1] is work[-1])

        packaged = [index for index, step in enumerate(work) if step.matches("sam", "package")]
        after = work[packaged[-1] + 1 :] if packaged else []
        self.packages_last = bool(packaged) and not any(work_of(step) in (TEST, CHECK) for step in after)

    def lacks(self, published: SimpleCommand) -> bool:
        """Whether what is published is missing when the build has failed."""
        if published.name == "sam":
            return self.packages_last
        if published.name != "docker":
            return len(self.can_fail) == 1
        late = {operand.raw for operand in published.operands} & self._late_tags
        return self.lacks_image or bool(late) or not self._late_names.isdisjoint(published.reads)


@check("publish-after-failed-build")
def publish_after_failed_build(buildspec: Buildspec) -> Iterator[Finding]:
    """A command of post_build that publishes, and that nothing keeps from running after a failed build phase."""
    build, post_build = buildspec.phase("build"), buildspec.phase("post_build")
    if not (build and post_build and is_posix(buildspec.dialect)) or _aborts(build):
        return
    done = _Build(build)
    if not done.can_fail:
        return
    unguarded = list(_unguarded(post_build, done.lacks_image))
    if not unguarded:
        return
    certain = [each for each in unguarded if not (each.publish.fails_by_itself and done.lacks(each.simple))]
    first, *others = certain or unguarded
    yield Finding(
        first.command.place(first.simple.span),
        f"this command {first.publish.does} even when the build phase failed: post_build runs all the same; {_ADVICE}"
        if certain
        else f"when the build phase failed this command fails, too, and its error hides the cause; {_ADVICE}",
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


def _unguarded(post_build: Phase, image_is_missing: bool) -> Iterator[_Published]:
    """The publishing commands that are reached when the build failed, in order.

    The commands of a phase stop at the first that fails: what follows the tag or push of a missing image never runs.
    """
    before: tuple[Condition, ...] = ()
    for command in post_build.commands:
        guard = "SUCCEEDING" in command.script
        if not guard and not mentions(command.script, _TOOLS):
            continue
        script = command.parsed
        for simple in script.commands:
            publish = publish_of(simple)
            runs = not simple.function and script.runs(simple, _FAILED, before)
            if publish and runs:
                yield _Published(command, simple, publish)
            if simple.matches("docker", "build|buildx"):
                image_is_missing = False
            if image_is_missing and runs and simple.failure == COUNTS and simple.matches("docker", "tag|push|save"):
                return
        before += script.after

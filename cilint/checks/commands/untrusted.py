"""Checks of text that strangers choose, such as a branch's name, on its way into commands.

Who decides what is in a variable is in the catalogue. A shell does not read again what it has expanded: `echo "$X"` is
no injection. These checks look for those that do read it again, and for arguments that may turn into options.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from cilint.catalog.codebuild_variables import ARBITRARY
from cilint.core.finding import Finding, Related
from cilint.core.rule import check
from cilint.model.buildspec import Buildspec, Step
from cilint.shell.script import Matches
from cilint.shell.words import ARITHMETIC, COMMAND, EXPANSION, Part, Word
from cilint.source.pattern import lazy
from cilint.source.text import Span

if TYPE_CHECKING:
    from cilint.checks.commands.taint import Flow, Foreign

# A build without any of these holds nobody else's text, and nothing has to be followed.
_POSSIBLE: Final = lazy(
    r"CODEBUILD_(?:WEBHOOK|SOURCE_VERSION|CURRENT_SHARD)|\bgit\s|\bgh\s|\bcodecommit\s"
    r"|(?i:COMMIT_?(?:M|T|S|A)|_(?:TITLE|BODY|DESCRIPTION)|BRANCH|AUTHOR|TAG_?NAME)"
)

# What somebody's text can do as an option or as two arguments.
_DANGEROUS: Final = frozenset(
    ("git", "curl", "wget", "tar", "rm", "find", "rsync", "scp", "helm", "terraform", "docker", "zip", "cp", "mv")
)
_DANGEROUS_AS_SEVERAL: Final = frozenset(
    (*_DANGEROUS, "aws", "chmod", "chown", "gh", "gradle", "gradlew", "kubectl", "make", "mvn", "mvnw", "podman", "ssh")
)


@check("untrusted-code")
def untrusted_code(buildspec: Buildspec) -> Iterator[Finding]:
    """Strangers' text within what another program reads as code."""
    if not _possible(buildspec):
        return
    from cilint.checks.commands.taint import walk

    seen: set[Span] = set()
    for step, flow in walk(buildspec):
        for place, reader, found in _read_again(step, flow):
            span = step.place(place) if isinstance(place, Part | Word) else step.command.place(place)
            if span not in seen:
                seen.add(span)
                yield _code(step, span, place, reader, found)


def _possible(buildspec: Buildspec) -> bool:
    return bool(buildspec.steps) and any(_POSSIBLE.search(command.script) for command in buildspec.commands)


def _code(step: Step, span: Span, place: Part | Word | Span, reader: str, found: Foreign) -> Finding:
    name = place.name if isinstance(place, Part) else place.raw if isinstance(place, Word) else ""
    what = "text that strangers write" if found.level == ARBITRARY else "a name that others choose"
    if name and f"`{name}`" != found.source:
        whose = f"`{name}`, made of {found.source}, holds"
    else:
        whose = f"{found.source} {'prints' if ' ' in found.source else 'holds'}"
    origin = found.step if found.step is not None and found.step.simple is not step.simple else None
    return Finding(
        span,
        f"{whose} {what}, and {reader} reads it as code; pass it as an argument of its own, or allow only known "
        "characters before",
        severity="note" if found.guessed else None,
        confidence="low" if found.guessed else None,
        related=(Related(origin.span, "it comes from here"),) if origin is not None else (),
    )


def _read_again(step: Step, flow: Flow) -> Iterator[tuple[Part | Word | Span, str, Foreign]]:
    """What becomes part of a program: the place, who reads it, and whose text it is."""
    from cilint.shell.sinks import file_program, replaced_by_xargs, sinks, stdin_program

    simple = step.simple
    for sink in sinks(simple):
        for part in sink.parts:
            found = flow.of_part(step, part) if part.kind != ARITHMETIC else _calculated(step, flow, part)
            if found is not None and not (sink.needs_arbitrary and found.level != ARBITRARY):
                yield part, sink.reader, found
                break
    piped = step.command.parsed.piped(simple)
    before = piped[piped.index(simple) - 1] if simple in piped[1:] else None
    if before is not None and stdin_program(simple):
        for found in flow.piped(step)[:1]:
            yield before.span, f"`{simple.name}`", found
    file = file_program(simple)
    if file is not None and (text := flow.file(file)) is not None:
        yield file, f"`{simple.name}`" if file is not simple.words[0] else "the shell", text
    put_in = replaced_by_xargs(simple)
    if put_in is not None:
        for found in flow.piped(step)[:1]:
            yield put_in[0], f"`{put_in[1]}`", found


def _calculated(step: Step, flow: Flow, part: Part) -> Foreign | None:
    return next((found for name in part.names if (found := flow.of(name, step)) is not None), None)


@check("untrusted-argument")
def untrusted_argument(buildspec: Buildspec) -> Iterator[Finding]:
    """Strangers' text, unquoted, among the arguments of a command whose options can do harm."""
    if not _possible(buildspec):
        return
    from cilint.checks.commands.taint import walk

    seen: set[Span] = set()
    for step, flow in walk(buildspec):
        if step.simple.name not in _DANGEROUS_AS_SEVERAL:
            continue
        for part, begins in ((part, part.start == word.start) for word in step.simple.args for part in word.parts):
            found = flow.of_part(step, part) if part.kind in (EXPANSION, COMMAND) and not part.quoted else None
            if found is None or found.guessed or step.place(part) in seen:
                continue
            as_option = step.simple.name in _DANGEROUS and begins and part.kind == EXPANSION
            if found.level == ARBITRARY or (as_option and not _whole_reference(part)):
                seen.add(step.place(part))
                yield _argument(step, part, found)


def _argument(step: Step, part: Part, found: Foreign) -> Finding:
    harm = (
        "without quotes the shell makes several arguments of it, which can be options"
        if found.level == ARBITRARY
        else "it may begin with `-` and be an option"
    )
    what = f"in `{part.name}`" if part.name else f"in the output of {found.source}"
    origin = found.step if found.step is not None and part.kind == EXPANSION else None
    return Finding(
        step.place(part),
        f'others choose what is {what}, and {harm} of `{step.simple.name}`; test it before, and write `"{part.text}"`',
        severity=None if found.level == ARBITRARY else "note",
        related=(Related(origin.span, "it comes from here"),) if origin is not None else (),
    )


def _whole_reference(part: Part) -> bool:
    """A reference as CodeBuild gives it begins with `refs/`, `branch/` or `pr/`, and holds no blank."""
    return part.name in _REFS or part.name.startswith("CODEBUILD_WEBHOOK_")


_REFS: Final = ("CODEBUILD_WEBHOOK_HEAD_REF", "CODEBUILD_WEBHOOK_BASE_REF", "CODEBUILD_WEBHOOK_TRIGGER")


_REGULAR_BRANCH: Final = lazy(r"(?:^|/)(?:dev|develop|main|master|prod|production|release|stage|staging|trunk)$")


@check("loose-ref-check")
def loose_ref_check(buildspec: Buildspec) -> Iterator[Finding]:
    """A comparison with a part of a branch's name."""
    seen: set[Span] = set()
    for step in buildspec.steps:
        for pattern in (*_compared(step), *_cases(step)):
            span = step.place(pattern)
            if span not in seen:
                seen.add(span)
                yield Finding(
                    span,
                    f"`{pattern.raw}` fits every branch with such a part in its name, and anyone may name a branch so; "
                    "compare the whole of it, such as `refs/heads/main`",
                )


def _compared(step: Step) -> Iterator[Word]:
    """The patterns of `[[ ]]` and `grep` that fit a part of a reference."""
    simple = step.simple
    if simple.name == "[[" and len(simple.args) >= 3:
        left, operator, right = simple.args[:3]
        if _is_ref(left) and (
            _open_glob(right) if operator.raw in ("=", "==") else operator.raw == "=~" and _open_expression(right)
        ):
            yield right
    if simple.name == "grep" and simple.operands:
        fed = [each.target for each in simple.redirects if each.operator == "<<<" and each.target is not None]
        piped = step.command.parsed.piped(simple)
        if piped and piped[0].name in ("echo", "printf") and simple.pipe and simple.pipe.position == 1:
            fed += piped[0].args
        if any(_is_ref(word) for word in fed) and _open_expression(simple.operands[0]) and not simple.has("-x"):
            yield simple.operands[0]


def _cases(step: Step) -> Iterator[Word]:
    """The patterns of a `case` around the step that fit a part of a reference."""
    for condition in step.simple.conditions:
        match condition.status:
            case Matches(word, patterns) if condition.holds and _is_ref(word):
                yield from (pattern for pattern in patterns if _open_glob(pattern))


def _is_ref(word: Word) -> bool:
    return any(part.kind == EXPANSION and part.name in _REFS for part in word.parts)


def _open_glob(pattern: Word) -> bool:
    return pattern.raw.startswith("*") and len(pattern.raw) > 1 and not pattern.raw.startswith("*[!")


def _open_expression(pattern: Word) -> bool:
    """Whether an expression fits a part of a reference; one for a kind of reference (`^refs/tags/`) is meant to."""
    text = pattern.raw.strip("\"'")
    if not text.startswith("^"):
        return True
    return not text.endswith("$") and bool(_REGULAR_BRANCH.search(text.removeprefix("^")))

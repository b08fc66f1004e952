"""A script as the shell sees it: its simple commands, each with its words and the surroundings that decide its fate.

Spans are code points of the script's own text; who holds it inside a larger file maps them outward. Reading the tree
is in `reader`, what a guard means in `conditions`, what a command means in `tools`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from cilint.shell.options import with_value
from cilint.shell.words import Part, Word
from cilint.source.record import NamedTuple
from cilint.source.text import Span

# What becomes of a command's failure (`SimpleCommand.failure`).
COUNTS: Final = ""  # it fails what encloses it and so the build's command
OR_TRUE: Final = "or-true"  # `|| true`, `|| :`, `|| echo …`
OR_ELSE: Final = "or-else"  # `||` and a command that takes over
CONDITION: Final = "condition"  # it is the question of an if, while or until
NEGATED: Final = "negated"  # `!`
PIPED: Final = "piped"  # not the last of a pipe, no pipefail
BACKGROUND: Final = "background"  # `&`
SUBSTITUTED: Final = "substituted"  # inside `$(…)` of a command that only looks at the text
UNCHECKED: Final = "unchecked"  # other commands follow and no `set -e` holds
LOOPED: Final = "looped"  # only the last round of the loop counts, no `set -e` holds

# What a command may stand in (`SimpleCommand.inside`, outermost first).
FUNCTION: Final = "function"
SUBSHELL: Final = "subshell"
GROUP: Final = "group"
SUBSTITUTION: Final = "substitution"
LOOP: Final = "loop"
BRANCH: Final = "branch"  # of if or case
HEREDOC: Final = "heredoc"

# What is known of a build whose build phase failed, when post_build runs (`Script.runs`).
FAILED_BUILD: Final = {"CODEBUILD_BUILD_SUCCEEDING": "0"}

TESTS: Final = frozenset(("[", "[[", "test", "(("))


class Assignment(NamedTuple):
    """`name=value`; `value` is None for `name=` with nothing behind it."""

    name: str
    value: Word | None
    start: int
    end: int


class Heredoc(NamedTuple):
    """The body of `<<WORD`, at `start` to `end`. `parts` are its expansions, none when the delimiter is quoted."""

    delimiter: str
    quoted: bool
    text: str
    start: int
    end: int
    parts: tuple[Part, ...]


class Redirect(NamedTuple):
    """`2>&1` is descriptor "2", operator ">&", target `1`; a heredoc has its body in place of a target."""

    operator: str
    descriptor: str
    target: Word | None
    heredoc: Heredoc | None
    start: int
    end: int


class Pipe(NamedTuple):
    """The place in a pipeline that starts at `start`: element `position` (from 0) of `length`."""

    start: int
    position: int
    length: int

    @property
    def is_last(self) -> bool:
        return self.position == self.length - 1


class SimpleCommand:
    """One command with its words, and what surrounds it.

    `words` starts with the command's own name: what `sudo`, `env X=1`, `time` and the like run (they are in
    `prefixes`). `name` is the basename of that word, empty when it is not literal and for a mere assignment.
    `conditions` are all those under which it runs, outermost first; `function` is the function it defines a part of.
    `errexit`: `set -e` holds here.
    """

    __slots__ = (
        "assignments",
        "conditions",
        "end",
        "errexit",
        "failure",
        "function",
        "inside",
        "name",
        "pipe",
        "prefixes",
        "redirects",
        "start",
        "words",
    )

    def __init__(
        self,
        name: str,
        words: tuple[Word, ...],
        prefixes: tuple[Word, ...],
        assignments: tuple[Assignment, ...],
        redirects: tuple[Redirect, ...],
        start: int,
        end: int,
        conditions: tuple[Condition, ...] = (),
        inside: tuple[str, ...] = (),
        function: str = "",
        failure: str = COUNTS,
        pipe: Pipe | None = None,
        errexit: bool = False,
    ) -> None:
        self.name = name
        self.words = words
        self.prefixes = prefixes
        self.assignments = assignments
        self.redirects = redirects
        self.start = start
        self.end = end
        self.conditions = conditions
        self.inside = inside
        self.function = function
        self.failure = failure
        self.pipe = pipe
        self.errexit = errexit

    def __repr__(self) -> str:
        return f"SimpleCommand({' '.join(word.raw for word in self.words)!r})"

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    @property
    def args(self) -> tuple[Word, ...]:
        """The words after the name."""
        return self.words[1:]

    def copy(self, name: str, words: tuple[Word, ...]) -> SimpleCommand:
        """The same command in the same place under another name, as what `npx` or `python -m` runs."""
        return SimpleCommand(
            name,
            words,
            self.prefixes,
            self.assignments,
            self.redirects,
            self.start,
            self.end,
            self.conditions,
            self.inside,
            self.function,
            self.failure,
            self.pipe,
            self.errexit,
        )

    @property
    def operands(self) -> tuple[Word, ...]:
        """The arguments that are neither options nor, for tools whose options are known, values of options."""
        takes = with_value(self.name)
        found: list[Word] = []
        words = iter(self.args)
        for word in words:
            if word.raw == "--":
                found.extend(words)
            elif not word.raw.startswith("-") or word.raw == "-":
                found.append(word)
            elif word.raw in takes:
                next(words, None)
        return tuple(found)

    def matches(self, name: str, *subcommands: str) -> bool:
        """Whether this is `name subcommand …`, whatever options stand between; `a|b` is a choice: `s3`, `cp|sync`."""
        if self.name not in name.split("|"):
            return False
        operands = self.operands
        return len(operands) >= len(subcommands) and all(
            operand.text in wanted.split("|") for operand, wanted in zip(operands, subcommands, strict=False)
        )

    def option(self, *flags: str) -> Word | bool | None:
        """The value of the first of these options that is given: the rest of `--flag=value`, or the word after it.

        True when no value follows; None when the option is not there. For a flag that takes no value use `has`.
        """
        for index, word in enumerate(self.args):
            if word.raw == "--":
                return None
            for flag in flags:
                if word.raw.startswith(flag + "="):
                    return word.drop(len(flag) + 1)
                if word.text == flag:
                    following = self.args[index + 1 : index + 2]
                    return following[0] if following and not following[0].raw.startswith("-") else True
        return None

    def has(self, *flags: str) -> bool:
        """Whether one of the arguments is one of these flags, written as such."""
        return any(word.text in flags for word in self.args)

    @property
    def reads(self) -> tuple[str, ...]:
        """Every variable that its words, assignments, redirections and heredocs read, in order, repeated as read."""
        words = [*self.prefixes, *self.words]
        words += [assignment.value for assignment in self.assignments if assignment.value]
        words += [redirect.target for redirect in self.redirects if redirect.target]
        bodies = [redirect.heredoc.parts for redirect in self.redirects if redirect.heredoc]
        return tuple(name for word in words for name in word.names) + tuple(
            name for parts in bodies for part in parts for name in part.names
        )


class Ran(NamedTuple):
    """The status of a command."""

    command: SimpleCommand


class Both(NamedTuple):
    """`left && right`."""

    left: Status
    right: Status


class Either(NamedTuple):
    """`left || right`."""

    left: Status
    right: Status


class Inverse(NamedTuple):
    """`! of`."""

    of: Status


class Matches(NamedTuple):
    """Whether a case's word matches one of the patterns of an item."""

    word: Word
    patterns: tuple[Word, ...]


class Opaque(NamedTuple):
    """The status of something that cannot be known from its text, which reads these variables."""

    reads: tuple[str, ...]


Status: TypeAlias = Ran | Both | Either | Inverse | Matches | Opaque


class Condition(NamedTuple):
    """Something that held (`holds`) or did not hold, so that what follows runs. `text` is it as written."""

    status: Status
    holds: bool
    text: str
    start: int
    end: int


class Script(NamedTuple):
    """`errors` are the ranges that the grammar could not read; nothing inside them is among `commands`.

    `after` are the conditions that hold for whatever CodeBuild runs next in the phase: a command that fails ends the
    phase, so `test "$X" = 1` or `[ "$X" = 1 ] || exit 1` as a command of its own governs all later ones. `loops` are
    the variables of `for NAME in …`, each with all that it takes, in no order.
    """

    text: str
    commands: tuple[SimpleCommand, ...]
    after: tuple[Condition, ...]
    errors: tuple[Span, ...]
    loops: tuple[Assignment, ...] = ()

    @property
    def has_error(self) -> bool:
        return bool(self.errors)

    def piped(self, command: SimpleCommand) -> tuple[SimpleCommand, ...]:
        """The simple commands of the pipeline that the command is part of, itself included; () outside a pipe."""
        if command.pipe is None:
            return ()
        start, _, length = command.pipe
        return tuple(
            other for other in self.commands if other.pipe and (other.pipe.start, other.pipe.length) == (start, length)
        )

    def runs(
        self, command: SimpleCommand, variables: Mapping[str, str], before: Iterable[Condition] = ()
    ) -> bool | None:
        """Whether the command can run when the variables have these values.

        `before` are the `after` of earlier scripts of the phase. False: a condition stands in the way. None: what
        guards it reads one of the variables in a way that cannot be followed. True: nothing that reads them guards it.
        """
        from cilint.shell.conditions import reached

        return reached(self, command, variables, tuple(before))


def parse(script: str) -> Script:
    """The commands of a script. Never raises; keep the result, since nothing is cached here."""
    from cilint.shell.reader import read

    return read(script)


def mentions(script: str, names: Iterable[str]) -> bool:
    """Whether one of the names occurs at all: the question to ask before a parse is paid for."""
    return any(name in script for name in names)

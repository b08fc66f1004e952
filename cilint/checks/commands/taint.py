"""Which variables, files and outputs of a build hold text that somebody else chose, command by command.

Follows assignments, loops, `read`, functions' arguments, pipes and files, in the order in which the commands run. What
reads such text as code is told by `cilint.shell.sinks`, what makes it harmless by `cilint.shell.guards`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from cilint.catalog.codebuild_variables import ARBITRARY, FIXED, who_decides
from cilint.catalog.foreign_text import likely, who_writes
from cilint.model.buildspec import PHASES, Buildspec, Command, Shell, Step
from cilint.shell.guards import constrains
from cilint.shell.script import Condition, Matches, SimpleCommand
from cilint.shell.words import ARRAY, COMMAND, EXPANSION, PROCESS, Part, Word
from cilint.source.nodes import Mapping
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple

_MOST_CALLS: Final = 200
_DEEPEST: Final = 4

# They print what they are given, or what they read.
_PASSING: Final = frozenset(
    (
        *("awk", "basename", "cat", "cut", "dirname", "echo", "egrep", "envsubst", "fold", "gawk", "grep", "head"),
        *("jq", "paste", "printf", "realpath", "rev", "sed", "sort", "tac", "tail", "tee", "tr", "uniq", "xargs", "yq"),
    )
)
_KEEPING: Final = frozenset(("", "declare", "export", "local", "readonly", "typeset"))  # `X=1 make` sets X for make
_DEAF: Final = frozenset(("basename", "dirname", "echo", "printf", "realpath"))  # to standard input
_CLEANING: Final = lazy(
    r"\btr\s+-(?:cd|dc|c)\b|\bsed\s.*\[\^|\b(?:sha\d*|md5|ck)sum\b|\bshasum\b|printf\s+['\"]?%q|\bwc\b|\bgrep\s+-[a-zA-Z]*[oc]"
    r"|\bbase(?:64|32)\b(?!\s+(?:-d|--decode))|\bxxd\s+-p\b|@(?:sh|uri|base64)\b|\bshlex\.quote\b|\bquote\("
)
_CLEANED: Final = lazy(r"\$\{#|\$\{\w+:?\+|.*(?://\[[!^]|@Q\})")
_SHORT: Final = lazy(r"\bcut\s+-c|\bhead\s+-c")
_PIECE: Final = lazy(r"\$\{\w+:\s*\d+:\s*\d{1,2}\}")
_SETTERS: Final = ("variables", "parameter-store", "secrets-manager")


class Foreign(NamedTuple):
    """Text that somebody else chose. `source` names where it comes from, as a message does; `through` are the
    variables that it has gone through, a test of which guards it; `step` is where this one got it; `guessed` where
    only a variable's name says so."""

    level: str
    source: str
    through: frozenset[str] = frozenset()
    step: Step | None = None
    guessed: bool = False


class Call(NamedTuple):
    """A function's call: its arguments are what `$1` and `$@` stand for."""

    step: Step
    outer: Call | None


class Flow:
    """What is known when a command starts; `follow` makes it what is known behind the command."""

    def __init__(self, buildspec: Buildspec) -> None:
        self.variables: dict[str, Foreign | None] = dict.fromkeys(_set_by_owner(buildspec))
        self.files: dict[str, Foreign] = {}
        self.assigned: dict[str, tuple[Command, int]] = {}
        self.gates: list[tuple[Command, Condition]] = []
        self.cleared: dict[str, list[tuple[Command, int, bool]]] = {}
        self.call: Call | None = None

    # Whose text

    def of(self, name: str, step: Step) -> Foreign | None:
        """Who chose what is in a variable; None for the owner, and where a test stands before the step."""
        if self.call is not None and (name.isdecimal() or name in ("@", "*")):
            return self._argument(name)
        if name in self.variables:
            found = self.variables[name]
        else:
            level = who_decides(name)
            guess = likely(name) if level == FIXED else FIXED
            level = guess if guess != FIXED else level
            found = Foreign(level, f"`{name}`", guessed=guess != FIXED) if level != FIXED else None
        return found if found is not None and not self._guarded(name, found, step) else None

    def _argument(self, name: str) -> Foreign | None:
        call = self.call
        assert call is not None
        args = call.step.simple.args
        wanted = args if name in ("@", "*") else args[int(name) - 1 : int(name)] if name != "0" else ()
        self.call = call.outer
        try:
            return _worst(found for word in wanted for found in self.of_word(call.step, word))
        finally:
            self.call = call

    def _guarded(self, name: str, found: Foreign, step: Step) -> bool:
        names = found.through | {name}
        conditions = [(step.command, condition) for condition in step.simple.conditions]
        return any(
            constrains(condition, names) and not self._newer(name, command, condition)
            for command, condition in (*conditions, *self.gates)
        )

    def _newer(self, name: str, command: Command, condition: Condition) -> bool:
        """Whether the variable got its value behind the test."""
        if name not in self.assigned:
            return False
        where, start = self.assigned[name]
        if where is command:
            return start > condition.start
        return _order(where) > _order(command)

    def of_word(self, step: Step, word: Word) -> list[Foreign]:
        return self.of_parts(step, word.parts)

    def of_parts(self, step: Step, parts: Iterable[Part]) -> list[Foreign]:
        return [found for part in parts if (found := self.of_part(step, part)) is not None]

    def of_part(self, step: Step, part: Part) -> Foreign | None:
        """Who chose what a part of a word becomes; None for literal text and the owner's own."""
        if part.kind == EXPANSION:
            if _CLEANED.match(part.text):
                return None
            found = _worst(held for name in part.names if (held := self.of(name, step)) is not None)
            return None if found is not None and found.level != ARBITRARY and _PIECE.match(part.text) else found
        if part.kind in (COMMAND, PROCESS):
            return self._substituted(step, part)
        if part.kind == ARRAY:
            each = [*(self.of(name, step) for name in part.names), self._substituted(step, part)]
            return _worst(held for held in each if held is not None)
        return None

    def _substituted(self, step: Step, part: Part) -> Foreign | None:
        """What the commands of `$(…)` print together."""
        inner = [
            each
            for each in step.command.parsed.commands
            if part.start <= each.start and each.end <= part.end and each is not step.simple
        ]
        printing = [each for each in inner if not any(_holds(other, each) for other in inner)]
        found = _worst(text for each in printing for text in self.printed(Step(step.command, each)))
        if found is None or _CLEANING.search(part.text):
            return None
        return found if found.level == ARBITRARY or not _SHORT.search(part.text) else None

    def printed(self, step: Step) -> list[Foreign]:
        """Whose text a command writes to standard output; of a pipe's element, what goes into it included."""
        simple = step.simple
        if simple.name not in _PASSING:
            level = who_writes(simple.name, [word.text for word in simple.operands], [word.raw for word in simple.args])
            return [Foreign(level, f"`{_named(simple)}`", step=step)] if level != FIXED else []
        if simple.name == "xargs" and (run := _run_by_xargs(simple)) is not None:
            return self.printed(Step(step.command, run)) + (self.piped(step) if run.name in _PASSING else [])
        found = [text for word in simple.args for text in self.of_word(step, word)]
        if simple.name in ("cat", "tail", "head", "sort", "sed", "awk", "grep", "jq", "yq", "cut", "tr", "tee"):
            found += [text for word in simple.operands if (text := self.files.get(_path(word))) is not None]
        return found if simple.name in _DEAF else found + self.taken_in(step)

    def taken_in(self, step: Step) -> list[Foreign]:
        """Whose text a command gets on its standard input."""
        found: list[Foreign] = []
        for redirect in step.simple.redirects:
            if redirect.heredoc is not None:
                found += self.of_parts(step, redirect.heredoc.parts)
            elif redirect.target is not None and redirect.operator == "<<<":
                found += self.of_word(step, redirect.target)
            elif redirect.target is not None and redirect.operator == "<":
                text = self.files.get(_path(redirect.target))
                found += [*([text] if text else []), *self.of_word(step, redirect.target)]
        return found + self.piped(step)

    def piped(self, step: Step) -> list[Foreign]:
        """Whose text a pipe brings to a command."""
        before = [each for each in step.command.parsed.piped(step.simple) if _before(each, step.simple)]
        if not before or any(_CLEANING.search(step.command.script[each.start : each.end]) for each in before):
            return []
        return sorted(self.printed(Step(step.command, before[-1])), key=_rank)

    def file(self, path: Word) -> Foreign | None:
        """Whose text the commands before have written to a file."""
        return self.files.get(_path(path))

    # What becomes of it

    def follow(self, step: Step) -> None:
        """What the step's assignments, `read`s and redirections make of what is known."""
        simple = step.simple
        for each in simple.assignments if simple.name in _KEEPING else ():
            found = _worst(self.of_word(step, each.value)) if each.value is not None else None
            if step.command.script[each.start + len(each.name) : each.end].startswith("+="):
                found = _worst(held for held in (found, self.of(each.name, step)) if held is not None)
            if each.value is not None and _CLEANING.search(each.value.raw) and not each.value.has(COMMAND):
                found = None
            self.assign(each.name, found, step)
        if simple.name in ("read", "mapfile", "readarray"):
            found = _worst([*self.taken_in(step), *self._piped_into_loop(step)])
            for word in simple.operands or simple.args[-1:]:
                if word.text and word.text.isidentifier():
                    self.assign(word.text, found, step)
        elif simple.name == "printf" and len(simple.args) > 2 and simple.args[0].raw == "-v" and simple.args[1].text:
            clean = "%q" in simple.args[2].raw
            self.assign(simple.args[1].text, None if clean else _worst(self.printed(step)), step)
        elif simple.name == "unset":
            for word in simple.args:
                self.assign(word.raw, None, step)
        self._write(step)

    def assign(self, name: str, found: Foreign | None, step: Step) -> None:
        if found is None and self.variables.get(name) is not None and not self._everywhere(name, step):
            return
        through = found.through | set(re.findall(r"\w+", found.source)) if found else frozenset()
        self.variables[name] = found._replace(step=step, through=frozenset((*through, name))) if found else None
        self.assigned[name] = (step.command, step.simple.start)

    def _everywhere(self, name: str, step: Step) -> bool:
        """Whether a value of the owner's is there on all ways from here, and not only where a branch was taken.

        It is where the branch takes the values that a test refuses, and where the other branch sets the variable, too.
        """
        old = self.variables[name]
        if old is None or not step.simple.conditions:
            return True
        condition = step.simple.conditions[-1]
        other = condition._replace(holds=not condition.holds)
        is_else = isinstance(condition.status, Matches) and any(each.raw == "*" for each in condition.status.patterns)
        branches = self.cleared.setdefault(name, [])
        branches.append((step.command, condition.start, condition.holds))
        both = (step.command, condition.start, other.holds) in branches
        return is_else or both or constrains(other, old.through | {name})

    def _piped_into_loop(self, step: Step) -> list[Foreign]:
        """`… | while read x`: the grammar tells the pipe of the command before the loop only."""
        parsed = step.command.parsed
        if step.simple.pipe is not None or any(each.operator.startswith("<") for each in step.simple.redirects):
            return []
        before = [each for each in parsed.commands if each.pipe is not None and _before(each, step.simple)]
        if not before or any(each.pipe is not None and each.pipe.is_last for each in parsed.piped(before[-1])):
            return []
        return self.printed(Step(step.command, before[-1]))

    def _write(self, step: Step) -> None:
        simple = step.simple
        targets = [
            each.target
            for each in simple.redirects
            if each.target is not None and each.operator in (">", ">>", "&>", ">|") and each.descriptor in ("", "1")
        ]
        if simple.name == "tee":
            targets += simple.operands
        if not targets:
            return
        found = _worst(self.printed(step))
        clean = bool(_CLEANING.search(step.command.script[simple.start : simple.end]))
        for target in targets:
            if found is not None and not clean:
                self.files[_path(target)] = found
            elif any(each.operator == ">" for each in simple.redirects):
                self.files.pop(_path(target), None)


# The order in which commands run


def walk(buildspec: Buildspec) -> Iterator[tuple[Step, Flow]]:
    """Every simple command with what is known when it starts, in the order in which they run.

    A function's commands come where it is called, each time; those of one that is never called come last.
    """
    flow = Flow(buildspec)
    for shell in buildspec.shells:
        yield from _Walk(shell, flow).all()
        flow.variables = dict.fromkeys(_set_by_owner(buildspec))  # the next shell starts anew; files stay


class _Walk:
    __slots__ = ("bodies", "called", "flow", "left", "shell")

    def __init__(self, shell: Shell, flow: Flow) -> None:
        self.shell = shell
        self.flow = flow
        self.bodies: dict[str, list[Step]] = {}
        for step in shell.steps:
            if step.simple.function:
                self.bodies.setdefault(step.simple.function, []).append(step)
        self.called: set[str] = set()
        self.left = _MOST_CALLS

    def all(self) -> Iterator[tuple[Step, Flow]]:
        flow = self.flow
        for command in self.shell.commands:
            flow.gates = [gate for gate in flow.gates if _carries(gate[0], command)]
            own = [Step(command, each) for each in command.parsed.commands if not each.function]
            yield from self.sequence(own, None, 0)
            flow.gates += [(command, condition) for condition in command.parsed.after]
        for name, body in self.bodies.items():
            if name not in self.called:
                yield from self.sequence(body, None, 0)

    def sequence(self, steps: list[Step], call: Call | None, depth: int) -> Iterator[tuple[Step, Flow]]:
        flow = self.flow
        loops = sorted(steps[0].command.parsed.loops, key=lambda loop: loop.start, reverse=True) if steps else []
        for step in steps:
            flow.call = call
            while loops and loops[-1].start <= step.simple.start:
                loop = loops.pop()
                value = loop.value
                flow.assign(loop.name, _worst(flow.of_word(step, value)) if value is not None else None, step)
            yield step, flow
            flow.follow(step)
            body = self.bodies.get(step.simple.name)
            if body and depth < _DEEPEST and self.left > 0:
                self.left -= 1
                self.called.add(step.simple.name)
                yield from self.sequence(body, Call(step, call), depth + 1)
                flow.call = call


def _carries(earlier: Command, command: Command) -> bool:
    """Whether a command that fails keeps a later one from running: it ends its phase, and but for `build` the build."""
    if earlier.section != "commands":
        return False
    if earlier.phase.name == command.phase.name:
        return command.section == "commands"
    on_failure = earlier.phase.on_failure
    goes_on = on_failure is not None and on_failure.value == "CONTINUE"
    return earlier.phase.name in ("install", "pre_build") and not goes_on


def _order(command: Command) -> tuple[int, bool, int]:
    return PHASES.index(command.phase.name), command.section != "commands", command.index


def _set_by_owner(buildspec: Buildspec) -> Iterator[str]:
    """The names that the buildspec's `env` gives a value."""
    env = buildspec.env
    for key in _SETTERS:
        table = env.get(key) if env else None
        if isinstance(table, Mapping):
            yield from table.names()


def _worst(found: Iterable[Foreign]) -> Foreign | None:
    return min(found, key=_rank, default=None)


def _rank(each: Foreign) -> tuple[bool, bool]:
    return each.guessed, each.level != ARBITRARY


def _before(each: SimpleCommand, other: SimpleCommand) -> bool:
    return each is not other and each.end <= other.start


def _holds(outer: SimpleCommand, inner: SimpleCommand) -> bool:
    """Whether a command is in a substitution within another one's words."""
    return outer is not inner and outer.start <= inner.start and inner.end <= outer.end


def _run_by_xargs(simple: SimpleCommand) -> SimpleCommand | None:
    """The command that xargs runs, with the arguments that are written."""
    takes_value = False
    for index, word in enumerate(simple.args):
        if takes_value or word.raw.startswith("-"):
            takes_value = not takes_value and word.raw in ("-I", "-n", "-P", "-L", "-d", "-a", "-E", "-s")
        else:
            return simple.copy((word.text or "").rpartition("/")[2], simple.args[index:])
    return None


def _path(word: Word) -> str:
    return word.raw.strip("\"'").removeprefix("./")


def _named(simple: SimpleCommand) -> str:
    operand = simple.operands[0].text if simple.operands else None
    return f"{simple.name} {operand}" if operand else simple.name

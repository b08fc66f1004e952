"""What a condition says when a variable has a known value: three answers, since most conditions are about other things.

Follows POSIX `test` and `case`, and bash's `[[ ]]` and `(( ))`, as far as they compare text and whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Final

from cilint.shell.script import (
    TESTS,
    Both,
    Condition,
    Either,
    Inverse,
    Matches,
    Ran,
    Script,
    SimpleCommand,
    Status,
)
from cilint.shell.words import GLOB, Word

Answer = bool | None

_NUMBERS: Final[dict[str, Callable[[int, int], bool]]] = {
    "-eq": int.__eq__,
    "-ne": int.__ne__,
    "-lt": int.__lt__,
    "-le": int.__le__,
    "-gt": int.__gt__,
    "-ge": int.__ge__,
}
_ARITHMETIC: Final = {
    "==": "-eq",
    "!=": "-ne",
    "<": "-lt",
    "<=": "-le",
    ">": "-gt",
    ">=": "-ge",
}
_FIXED_STATUS: Final = {"true": True, ":": True, "echo": True, "printf": True, "export": True, "false": False}
# What these are told about a build they only pass on: `aws sns publish --message "$CODEBUILD_BUILD_SUCCEEDING"`.
_REPORTERS: Final = frozenset(("", "aws", "cat", "curl", "docker", "jq", "sed", "tee", "wget"))


def reached(
    script: Script, command: SimpleCommand, variables: Mapping[str, str], before: tuple[Condition, ...] = ()
) -> Answer:
    """`Script.runs`: a function runs where it is called."""
    return _reached(script, command, variables, before, frozenset())


def _reached(
    script: Script,
    command: SimpleCommand,
    variables: Mapping[str, str],
    before: tuple[Condition, ...],
    seen: frozenset[str],
) -> Answer:
    own = allow((*before, *command.conditions), variables)
    if own is True and (_unread(script, variables) or _asked_by_function(script, command, variables)):
        own = None
    if own is False or not command.function:
        return own
    if command.function in seen:
        return None
    seen |= {command.function}
    calls = [other for other in script.commands if other.name == command.function]
    answers = [_reached(script, call, variables, before, seen) for call in calls]
    return _and(own, any_of(answers) if answers else None)


def _unread(script: Script, variables: Mapping[str, str]) -> bool:
    return script.has_error and any(name in script.text for name in variables)


def _asked_by_function(script: Script, command: SimpleCommand, variables: Mapping[str, str]) -> bool:
    """Whether a function called before the command looks at one of the variables and so may end the script."""
    asking = {other.function for other in script.commands if not variables.keys().isdisjoint(other.reads)} - {""}
    return any(call.name in asking and call.end <= command.start for call in script.commands)


def allow(conditions: Iterable[Condition], variables: Mapping[str, str]) -> Answer:
    """Whether all the conditions can be met: None where one reads the variables and cannot be decided."""
    answer: Answer = True
    for condition in conditions:
        value = status(condition.status, variables)
        if value is None:
            if not reads(condition.status).isdisjoint(variables):
                answer = None
        elif value is not condition.holds:
            return False
    return answer


def any_of(answers: Iterable[Answer]) -> Answer:
    found: Answer = False
    for answer in answers:
        found = _or(found, answer)
    return found


def status(of: Status, variables: Mapping[str, str]) -> Answer:
    """Whether it succeeds when the variables have these values; None when that is not all that it depends on."""
    match of:
        case Ran(command):
            return _command(command, variables)
        case Both(left, right):
            return _and(status(left, variables), status(right, variables))
        case Either(left, right):
            return _or(status(left, variables), status(right, variables))
        case Inverse(inner):
            return _not(status(inner, variables))
        case Matches(word, patterns):
            return any_of(_glob(word.value(variables), pattern, variables) for pattern in patterns)
    return None


def reads(of: Status) -> frozenset[str]:
    """The names of all variables that the status depends on."""
    match of:
        case Ran(command):
            names = frozenset() if command.name in _REPORTERS else frozenset(command.reads)
            return names | {word.raw for word in command.args} if command.name == "((" else names
        case Both(left, right) | Either(left, right):
            return reads(left) | reads(right)
        case Inverse(inner):
            return reads(inner)
        case Matches(word, patterns):
            return frozenset(word.names).union(*(pattern.names for pattern in patterns))
    return frozenset(of.reads)


def copies(script: Script, name: str) -> tuple[str, ...]:
    """The variables that are assigned the value of `name` and nothing else: `STATUS=$CODEBUILD_BUILD_SUCCEEDING`."""
    return tuple(
        assignment.name
        for command in script.commands
        for assignment in command.assignments
        if assignment.value is not None and assignment.value.value({name: "\0"}) == "\0"
    )


def _command(command: SimpleCommand, variables: Mapping[str, str]) -> Answer:
    if command.name not in TESTS:
        return _FIXED_STATUS.get(command.name)
    words = command.args if command.name == "test" else command.args[:-1]
    test = _Test(command.name, words, variables)
    answer = test.either()
    return answer if test.at_end else None


def _glob(value: str | None, pattern: Word, variables: Mapping[str, str]) -> Answer:
    wanted = pattern.value(variables)
    if wanted == "*" and pattern.has(GLOB):
        return True
    if value is None or wanted is None:
        return None
    return fnmatchcase(value, wanted) if pattern.has(GLOB) else value == wanted


class _Test:
    """One reading of the words of a test, left to right."""

    __slots__ = ("at", "kind", "variables", "words")

    def __init__(self, kind: str, words: tuple[Word, ...], variables: Mapping[str, str]) -> None:
        self.kind = kind
        self.words = words
        self.variables = variables
        self.at = 0

    @property
    def at_end(self) -> bool:
        return self.at >= len(self.words)

    def peek(self, ahead: int = 0) -> str:
        index = self.at + ahead
        return self.words[index].raw if index < len(self.words) else ""

    def take(self, *wanted: str) -> bool:
        if self.peek() in wanted and not self.at_end:
            self.at += 1
            return True
        return False

    def either(self) -> Answer:
        answer = self.both()
        while self.take("||", "-o"):
            answer = _or(answer, self.both())
        return answer

    def both(self) -> Answer:
        answer = self.inverse()
        while self.take("&&", "-a"):
            answer = _and(answer, self.inverse())
        return answer

    def inverse(self) -> Answer:
        flip = False
        while self.take("!"):
            flip = not flip
        answer = self.one()
        return _not(answer) if flip else answer

    def one(self) -> Answer:
        if self.take("(", "\\("):
            answer = self.either()
            self.take(")", "\\)")
            return answer
        operator = self.peek(1)
        if operator in _NUMBERS or operator in _ARITHMETIC or operator in ("=", "=~"):
            left, right = self.words[self.at], self.words[self.at + 2 : self.at + 3]
            self.at += 3
            return self.compare(left, operator, right[0]) if right else None
        if self.peek() in ("-n", "-z") and operator:
            empty = self.is_empty(self.words[self.at + 1])
            self.at += 2
            return empty if self.words[self.at - 2].raw == "-z" else _not(empty)
        if len(self.peek()) == 2 and self.peek().startswith("-") and operator:
            self.at += 2
            return None
        if self.at_end:
            return None
        self.at += 1
        return self.truth(self.words[self.at - 1])

    def truth(self, word: Word) -> Answer:
        if self.kind != "((":
            return _not(self.is_empty(word))
        number = self.number(word)
        return None if number is None else number != 0

    def is_empty(self, word: Word) -> Answer:
        value = word.value(self.variables)
        return None if value is None else not value

    def number(self, word: Word) -> int | None:
        value = word.value(self.variables)
        if self.kind == "((":
            value = self.variables.get(word.raw, value)
        try:
            return None if value is None else int(value)
        except ValueError:
            return None

    def compare(self, left: Word, operator: str, right: Word) -> Answer:
        if self.kind == "((":
            operator = _ARITHMETIC.get(operator, operator)
        if operator in _NUMBERS:
            first, second = self.number(left), self.number(right)
            return None if first is None or second is None else _NUMBERS[operator](first, second)
        if operator in ("=", "==", "!="):
            value = left.value(self.variables)
            if self.kind == "[[":
                same = _glob(value, right, self.variables)
            else:
                other = right.value(self.variables)
                same = None if value is None or other is None else value == other
            return _not(same) if operator == "!=" else same
        return None


def _not(answer: Answer) -> Answer:
    return None if answer is None else not answer


def _and(left: Answer, right: Answer) -> Answer:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: Answer, right: Answer) -> Answer:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False

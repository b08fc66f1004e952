"""Words before a command that run it: `sudo`, `env X=1`, `time` and the like."""

from __future__ import annotations

from typing import Final

from cilint.shell.script import Assignment
from cilint.shell.words import DOUBLE, LITERAL, SINGLE, Word

# Words that run the rest of the line as a command -> their options that take a separate value.
PREFIXES: Final[dict[str, frozenset[str]]] = {
    "builtin": frozenset(),
    "command": frozenset(),
    "env": frozenset(("-u", "--unset", "-C", "--chdir", "-S", "--split-string")),
    "exec": frozenset(("-a",)),
    "ionice": frozenset(("-c", "-n", "-p")),
    "nice": frozenset(("-n", "--adjustment")),
    "nohup": frozenset(),
    "setsid": frozenset(),
    "stdbuf": frozenset(("-i", "-o", "-e")),
    "sudo": frozenset(("-u", "--user", "-g", "--group", "-h", "--host", "-p", "--prompt", "-C", "-D", "-R", "-T")),
    "time": frozenset(("-f", "--format", "-o", "--output")),
    "timeout": frozenset(("-k", "--kill-after", "-s", "--signal")),
}

# Prefixes followed by operands of their own.
PREFIX_OPERANDS: Final = {"timeout": 1}

# With these options the prefix asks about the command and does not run it.
PREFIX_QUERIES: Final = {"command": frozenset(("-v", "-V")), "sudo": frozenset(("-l", "-v", "-k"))}


def unwrap(
    words: tuple[Word, ...],
) -> tuple[str, tuple[Word, ...], tuple[Word, ...], tuple[Assignment, ...]]:
    """The command's name, the prefixes before it, its own words, and the variables that a prefix sets for it."""
    at = 0
    assignments: list[Assignment] = []
    while at < len(words):
        name = _name(words[at])
        if name not in PREFIXES:
            break
        following, moved = _behind_prefix(words, at + 1, name)
        if following >= len(words):
            break
        at = following
        assignments += moved
    if at >= len(words):
        return "", words, (), ()
    return _name(words[at]), words[:at], words[at:], tuple(assignments)


def _behind_prefix(words: tuple[Word, ...], at: int, name: str) -> tuple[int, list[Assignment]]:
    """Where the command that a prefix runs begins; the end of the words when it runs none."""
    assignments: list[Assignment] = []
    operands = PREFIX_OPERANDS.get(name, 0)
    takes_assignments = name in ("env", "sudo")
    while at < len(words):
        raw = words[at].raw
        if raw == "--":
            at += 1
            break
        if raw in PREFIX_QUERIES.get(name, ()):
            return len(words), []
        if raw.startswith("-") and len(raw) > 1:
            at += 2 if raw in PREFIXES[name] else 1
        elif takes_assignments and (equals := raw.find("=")) > 0 and raw[:equals].isidentifier():
            value = words[at].drop(equals + 1) if len(raw) > equals + 1 else None
            assignments.append(Assignment(raw[:equals], value, words[at].start, words[at].end))
            at += 1
        elif operands:
            operands -= 1
            at += 1
        else:
            break
    return at, assignments


def _name(word: Word) -> str:
    """`aws` of `aws`, `/usr/bin/aws`, `"$BIN"/aws`; empty where the last part of the path is not literal."""
    text = word.text
    if text is None:
        last = word.parts[-1]
        text = last.text if last.kind in (LITERAL, SINGLE, DOUBLE) and "/" in last.text else ""
    return text.rpartition("/")[2] or (text if len(word.parts) == 1 and "/" in text else "")

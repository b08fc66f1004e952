"""Who reads again what the shell has expanded: programs in arguments, in heredocs, on standard input, arithmetic.

Tables of programs, and where each of them finds its text. Whose text it is, is no business of this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from cilint.shell.script import SimpleCommand
from cilint.shell.words import ARITHMETIC, EXPANSION, Part, Word
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple

SHELLS: Final = frozenset(("sh", "bash", "dash", "ash", "zsh", "ksh"))

# Programs -> their options whose value is a program (a cluster such as `-euc` is matched as a whole).
_INLINE: Final = {
    **dict.fromkeys(SHELLS, lazy(r"-[a-z]*c")),
    **dict.fromkeys(
        ("python", "python2", "python3", "su", "runuser", "script", "flock", "npx"), lazy(r"-l?c|--command|--call")
    ),
    **dict.fromkeys(("node", "nodejs", "bun", "tsx"), lazy(r"-p?e|-p|--eval|--print")),
    **dict.fromkeys(("perl", "ruby", "lua", "Rscript", "osascript"), lazy(r"-[a-zA-Z0]*[eE]")),
    "php": lazy(r"-r"),
    **dict.fromkeys(("pwsh", "powershell"), lazy(r"-[cC](?:ommand)?")),
    **dict.fromkeys(("psql", "snowsql"), lazy(r"-c|--command|-q")),
    **dict.fromkeys(("mysql", "mariadb"), lazy(r"-e|--execute")),
    **dict.fromkeys(("mongo", "mongosh"), lazy(r"--eval")),
}

# Programs whose first operand is a program -> the options that give it instead, and the others that take values.
_FIRST: Final = {
    "sed": (("-e", "--expression"), {"-l": 1}),
    "gsed": (("-e", "--expression"), {"-l": 1}),
    **dict.fromkeys(("awk", "gawk", "mawk"), (("-e", "--source"), {"-v": 1, "-F": 1})),
    "jq": ((), {"--arg": 2, "--argjson": 2, "--slurpfile": 2, "--rawfile": 2, "--indent": 1, "-L": 1}),
}
_FROM_FILE: Final = ("-f", "--file", "--from-file")

# Programs that read a program from standard input -> the options with which they do not.
_STDIN: Final = {
    **dict.fromkeys(SHELLS, ("-c",)),
    **dict.fromkeys(("python", "python2", "python3"), ("-c", "-m")),
    **dict.fromkeys(("node", "nodejs"), ("-e", "-p", "--eval", "--print")),
    **dict.fromkeys(("perl", "ruby", "php"), ("-e", "-r", "-ne", "-pe")),
    **dict.fromkeys(("psql", "mysql", "mariadb", "sqlplus", "mongo", "mongosh"), ("-c", "-e", "--eval", "--execute")),
}
_DATABASES: Final = frozenset(("psql", "mysql", "mariadb", "sqlplus", "mongo", "mongosh"))
_SSH_VALUES: Final = frozenset(f"-{letter}" for letter in "bcDEeFIiJLlmOopQRSWw")
_INTO: Final = frozenset(("docker", "podman", "kubectl", "oc", "nsenter", "chroot", "docker-compose"))

# What decides which code later commands run.
_LOADERS: Final = frozenset(
    (
        *("BASH_ENV", "ENV", "GIT_SSH_COMMAND", "LD_LIBRARY_PATH", "LD_PRELOAD", "NODE_OPTIONS", "PATH", "PERL5OPT"),
        *("PROMPT_COMMAND", "PYTHONPATH", "PYTHONSTARTUP", "RUBYOPT"),
    )
)


class Sink(NamedTuple):
    """A text that `reader` takes for code, as a word's or a heredoc's parts.

    `needs_arbitrary`: no name of a branch can do harm here, since git allows no blanks, brackets and `..` in it.
    """

    parts: tuple[Part, ...]
    reader: str
    needs_arbitrary: bool = False


def sinks(simple: SimpleCommand) -> Iterator[Sink]:
    """The texts of a command that something reads as code."""
    for word, reader in programs(simple):
        yield Sink(word.parts, f"`{reader}`")
    if simple.name in ("source", ".") and simple.args:
        yield Sink(simple.args[0].parts, f"`{simple.name}`, which runs the file of that name,", True)
    if not simple.name and simple.words and simple.words[0].parts[0].kind != ARITHMETIC:
        yield Sink(simple.words[0].parts[:1], "the shell, which runs what the first word names,")
    if stdin_program(simple):
        for redirect in simple.redirects:
            if redirect.heredoc is not None and not redirect.heredoc.quoted:
                yield Sink(redirect.heredoc.parts, "the interpreter of this heredoc")
            elif redirect.operator == "<<<" and redirect.target is not None:
                yield Sink(redirect.target.parts, f"`{simple.name}`")
    yield from _evaluations(simple)


def _evaluations(simple: SimpleCommand) -> Iterator[Sink]:
    """What the shell itself evaluates: arithmetic, names of variables, variables that say which code is loaded."""
    values = [each.value for each in simple.assignments if each.value]
    for word in (*simple.words, *values):
        for part in word.parts:
            if part.kind == ARITHMETIC and part.names:
                yield Sink((part,), "the shell's arithmetic", True)
            elif part.kind == EXPANSION and part.text.startswith("${!"):
                yield Sink((part,), "the shell, as a variable's name,", True)
    if simple.name in ("let", "(("):
        for word in simple.args:
            yield Sink(word.parts, "the shell's arithmetic", True)
    if simple.name == "[[":
        for left, operator, right in zip(simple.args, simple.args[1:], simple.args[2:], strict=False):
            if operator.raw in ("-eq", "-ne", "-lt", "-le", "-gt", "-ge"):
                yield Sink((*left.parts, *right.parts), "the shell's arithmetic", True)
    if simple.name in ("export", "declare", "typeset", "local", "readonly"):
        for word in simple.args:
            if word.parts and word.parts[0].kind not in ("literal", "single", "double"):
                yield Sink(word.parts[:1], f"`{simple.name}`, which sets whatever variables it names,", True)
    for each in simple.assignments:
        if each.name in _LOADERS and each.value is not None:
            yield Sink(each.value.parts, f"`{each.name}`, which decides what later commands load,", True)


def programs(simple: SimpleCommand) -> Iterator[tuple[Word, str]]:
    """The arguments that are programs, each with who reads it."""
    name, args = simple.name, simple.args
    if name == "eval":
        yield from ((word, name) for word in args)
    elif name == "trap":
        yield from ((word, name) for word in args[:1])
    elif name == "ssh":
        yield from ((word, name) for word in _behind_host(args))
    elif name in _FIRST:
        yield from ((word, name) for word in _first_operand(name, args))
    elif simple.matches("yq", "eval|e"):
        yield from ((word, name) for word in simple.operands[1:2])
    elif simple.matches("aws", "ssm", "send-command"):
        value = simple.option("--parameters")
        if isinstance(value, Word) and "commands" in value.raw:
            yield value, "the shell of `send-command`"
    elif simple.matches("aws", "ecs", "execute-command"):
        value = simple.option("--command")
        if isinstance(value, Word):
            yield value, "the shell in the container"
    yield from _inline(name, args)


def _inline(name: str, args: Sequence[Word]) -> Iterator[tuple[Word, str]]:
    """What follows `-c` and the like: of the command itself, and of one that it runs (`xargs sh -c`, `docker run`)."""
    for index, word in enumerate(args):
        runs = (word.text or "").rpartition("/")[2]
        if index and runs in SHELLS:
            yield from _inline(runs, args[index + 1 :])
            return
        if name == "sshpass" and runs == "ssh":
            yield from ((each, runs) for each in _behind_host(args[index + 1 :]))
            return
    flags = _INLINE.get(name)
    if flags is None:
        return
    for before, word in pairwise(args):
        if before.raw[:1] != "-":
            if name in SHELLS:
                return
            continue
        if flags.fullmatch(before.raw):
            yield word, name
            return


def _behind_host(args: Sequence[Word]) -> Sequence[Word]:
    at = 0
    while at < len(args) and args[at].raw.startswith("-"):
        at += 2 if args[at].raw in _SSH_VALUES else 1
    return args[at + 1 :]


def _first_operand(name: str, args: Sequence[Word]) -> list[Word]:
    instead, values = _FIRST[name]
    given = [after for word, after in pairwise(args) if word.raw in instead]
    if given or any(word.raw in _FROM_FILE for word in args):
        return given
    at = 0
    while at < len(args):
        raw = args[at].raw
        if raw.startswith("-") and len(raw) > 1:
            at += 1 + values.get(raw, 0)
        else:
            return [args[at]]
    return []


def stdin_program(simple: SimpleCommand) -> bool:
    """Whether the command reads a program from its standard input."""
    name, args = simple.name, simple.args
    if name in _INTO or name == "sshpass":
        inner = next((n for n, word in enumerate(args) if (word.text or "").rpartition("/")[2] in SHELLS), None)
        if inner is not None:
            return _reads_stdin("sh", args[inner + 1 :])
        return name == "sshpass" and any(word.text == "ssh" for word in args) and not list(_inline(name, args))
    if name == "ssh":
        rest = _behind_host(args)
        return bool(args) and (not rest or (rest[0].text or "") in SHELLS)
    return name in _STDIN and _reads_stdin(name, args)


def _reads_stdin(name: str, args: Sequence[Word]) -> bool:
    if name in _DATABASES:
        return not any(word.raw.startswith(_STDIN[name]) or word.raw in ("-f", "--file") for word in args)
    for word in args:
        raw = word.raw
        if raw == "-" or (name in SHELLS and re.fullmatch(r"-[a-z]*s[a-z]*", raw)):
            return True
        if raw.startswith(_STDIN[name]) or (name in SHELLS and re.fullmatch(r"-[a-z]*c", raw)):
            return False
        if not raw.startswith("-"):
            return False
    return True


def file_program(simple: SimpleCommand) -> Word | None:
    """The file that the command runs: of `source`, of an interpreter, of the command's own name."""
    if simple.name in ("source", "."):
        return simple.args[0] if simple.args else None
    if simple.name in SHELLS or simple.name in ("python", "python3", "node", "perl", "ruby"):
        first = next((word for word in simple.args if not word.raw.startswith("-")), None)
        return None if first is None or any(_inline(simple.name, simple.args)) else first
    own = simple.words[0] if simple.words else None
    return own if own is not None and "/" in own.raw else None


def replaced_by_xargs(simple: SimpleCommand) -> tuple[Word, str] | None:
    """The program of `xargs -I{} sh -c '… {} …'` that holds what is put in, with who reads it."""
    if simple.name not in ("xargs", "parallel"):
        return None
    mark = simple.option("-I", "-i", "--replace")
    joined = next((word.raw[2:] for word in simple.args if word.raw.startswith("-I") and len(word.raw) > 2), "")
    text = joined or (mark.text if isinstance(mark, Word) else "") or "{}"
    for word, reader in _inline(simple.name, simple.args):
        if text.strip("\"'") in word.raw:
            return word, reader
    return None

"""shellcheck beside us: run once over all scripts of a run, its findings at their exact places in the files.

It is never run unless asked for. Which text it gets is in `scripts`, and what of its answers is passed on in
`shellcheck_comments`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby
from typing import Any, Final

from cilint.core.rule import Rule
from cilint.engine.beside import File, Told, diagnostic, nothing, program_at
from cilint.engine.project import project_root
from cilint.engine.result import Diagnostic
from cilint.engine.scripts import KINDS, Script, apart, scripts
from cilint.engine.shellcheck_comments import (
    NAME,
    OFF,
    Comment,
    confidence_of,
    is_ours,
    rule_of,
    severity_of,
    stops,
    worth_saying,
)
from cilint.source.nodes import Document
from cilint.source.read import read
from cilint.source.record import NamedTuple
from cilint.source.text import Span, decode

PROGRAM: Final = "CILINT_SHELLCHECK"
"""The variable that names shellcheck's program, where it is neither beside this Python nor in the PATH."""

_START: Final = 20.0  # seconds
_EACH: Final = 0.5  # seconds for each script; nearly all take a few milliseconds
_AT_ONCE: Final = 1000  # scripts in one process: a command line has an end

_OPTIONS: Final = re.compile(r"(?:disable|enable|extended-analysis)=.*")
_RC: Final = (".shellcheckrc", "shellcheckrc")


class ShellcheckError(Exception):
    """Why there is nothing, or not all, from shellcheck, in one line."""


class _Source(NamedTuple):
    """A file whose builds have scripts, and the options that a `.shellcheckrc` gives for it."""

    file: File
    document: Document
    options: str


class _Heard(NamedTuple):
    """A script of a file, with what shellcheck says of it."""

    source: _Source
    script: Script
    comments: tuple[Comment, ...] = ()


def told(files: Sequence[File]) -> Told:
    """shellcheck's findings in the commands of all builds of a run. Never raises."""
    work: list[_Heard] = []
    remark = ""
    for file in files:
        try:
            work += _work(file)
        except Exception as error:  # a crash in one file is said, and the others are checked
            name = f"{type(error).__name__}: {error}"
            remark = f"shellcheck did not get the commands in {file.result.path}, which cannot be read ({name})"
    if not work:
        return nothing(NAME, remark)
    found = program()
    if found is None:
        return nothing(NAME, "shellcheck is not installed, so its rules did not run: pip install 'cilint[shellcheck]'")
    rules: dict[str, Rule] = {}
    diagnostics: dict[str, list[Diagnostic]] = {}
    try:
        heard = _apart(found, _checked(found, work))
        for _, group in groupby(heard, key=lambda each: id(each.source)):
            scripts_of_file = list(group)
            source = scripts_of_file[0].source
            diagnostics[source.file.result.path] = list(_diagnostics(source, scripts_of_file, rules))
    except ShellcheckError as error:
        return nothing(NAME, str(error))
    except OSError as error:  # there is no room for the scripts
        return nothing(NAME, f"shellcheck cannot be run: {error.strerror or error}; its findings are missing")
    return Told(NAME, diagnostics, tuple(rules[id] for id in sorted(rules)), frozenset(diagnostics), remark)


def program() -> str | None:
    """The path of shellcheck's program: what PROGRAM names, else beside this Python, else in the PATH."""
    return program_at(NAME, PROGRAM)


def _work(file: File) -> list[_Heard]:
    """The scripts of a file."""
    if file.result.kind not in KINDS or not file.result.checked:
        return []
    document = read(decode(file.read()), file.path)
    source = _Source(file, document, _options(os.path.dirname(file.path)))
    return [_Heard(source, script) for script in scripts(document, file.path)]


def _options(directory: str) -> str:
    """What the `.shellcheckrc` that holds for a directory says of rules, up to the root of the repository.

    It may come with the change that is checked, so what it says of other files to read is left out.
    """
    directory = os.path.abspath(directory)
    root = project_root(directory)
    while True:
        for name in _RC:
            try:
                with open(os.path.join(directory, name), encoding="utf-8", errors="replace") as file:
                    return "".join(f"{line.strip()}\n" for line in file if _OPTIONS.fullmatch(line.strip()))
            except OSError:
                continue
        if directory == root or directory == os.path.dirname(directory):
            return ""
        directory = os.path.dirname(directory)


# --- running it


def _checked(found: str, work: Sequence[_Heard]) -> list[_Heard]:
    """What shellcheck says of each script, under the options of its `.shellcheckrc`. Raises ShellcheckError."""
    with tempfile.TemporaryDirectory(prefix="cilint-") as directory:  # readable by nobody else
        folders: dict[str, str] = {}
        names: list[str] = []
        for number, (source, script, _) in enumerate(work):
            folder = folders.setdefault(source.options, str(len(folders)))
            names.append(f"{folder}/{number}.sh")
            _write(directory, names[-1], f"{_header(script)}{script.text}")
        for options, folder in folders.items():
            _write(directory, f"{folder}/{_RC[0]}", options)  # always one, so that none above is read
        comments: dict[str, list[dict[str, Any]]] = {}
        for start in range(0, len(names), _AT_ONCE):
            for each in _run(found, names[start : start + _AT_ONCE], directory):
                comments.setdefault(str(each.get("file")).replace("\\", "/"), []).append(each)
    return [
        each._replace(comments=tuple(_comments(each.script, comments.get(name, ()))))
        for name, each in zip(names, work, strict=True)
    ]


def _apart(found: str, heard: list[_Heard]) -> list[_Heard]:
    """The same, hearing of each command by itself where shellcheck stopped reading in the middle of a build."""
    parts: list[_Heard] = []
    kept: list[_Heard | None] = []
    for each in heard:
        if len(each.script.pieces) > 1 and stops(each.comments):
            commands = dict.fromkeys(piece.command for piece in each.script.pieces)
            parts += (each._replace(script=apart(command, each.script), comments=()) for command in commands)
            kept += [None] * len(commands)
        else:
            kept.append(each)
    again = iter(_checked(found, parts) if parts else ())
    return [next(again) if each is None else each for each in kept]


def _header(script: Script) -> str:
    """The dialect, and a command that ends what directives at the top of a script speak of."""
    return f"# shellcheck shell={script.dialect}\n:\n"


_HEADER_LINES: Final = 2


def _write(directory: str, name: str, text: str) -> None:
    path = os.path.join(directory, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(text.replace("\0", " ").encode("utf-8", "replace"))


def _run(found: str, names: Sequence[str], directory: str) -> list[dict[str, Any]]:
    """shellcheck's comments on some files of a directory. Raises ShellcheckError."""
    command = [found, "--format=json1", "--exclude=" + ",".join(OFF), "--", *names]
    limit = _START + _EACH * len(names)
    environment = {name: value for name, value in os.environ.items() if name != "SHELLCHECK_OPTS"}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=limit,
            check=False,
            stdin=subprocess.DEVNULL,
            cwd=directory,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        raise ShellcheckError(
            f"shellcheck took more than {limit:g} s and was stopped; its findings are missing"
        ) from None
    except OSError as error:
        reason = error.strerror or error
        raise ShellcheckError(f"shellcheck cannot be run: {reason}; its findings are missing") from error
    try:
        comments = json.loads(done.stdout)["comments"]
    except (ValueError, KeyError, TypeError):
        comments = None
    if not isinstance(comments, list) or done.returncode not in (0, 1):
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it printed no JSON"]
        raise ShellcheckError(
            f"shellcheck failed (exit code {done.returncode}): {lines[-1][:200]}; its findings are missing"
        )
    return [each for each in comments if isinstance(each, dict)]


def _comments(script: Script, said: Iterable[dict[str, Any]]) -> Iterator[Comment]:
    """The comments on a script with their spans in it; one in a form that a later shellcheck may have is left out."""
    lines = script.text.removesuffix("\n").split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    for each in said:
        try:
            start = _offset(starts, each["line"], each["column"])
            end = max(start, _offset(starts, each["endLine"], each["endColumn"]))
            yield Comment(f"SC{each['code']:d}", str(each["level"]), str(each["message"]), Span(start, end))
        except (KeyError, TypeError, ValueError):
            continue


def _offset(starts: Sequence[int], line: int, column: int) -> int:
    """The offset of a line and column of shellcheck, both from 1, in the text below the header; below zero in it."""
    if line <= _HEADER_LINES:
        return -1
    row = min(line - 1 - _HEADER_LINES, len(starts) - 2)
    return min(starts[row] + column - 1, starts[row + 1] - 1)


# --- reading what it says


def _diagnostics(source: _Source, heard: Sequence[_Heard], rules: dict[str, Rule]) -> Iterator[Diagnostic]:
    """The findings that shellcheck adds to ours in one file; their rules are noted in `rules`."""
    ours = source.file.result.diagnostics
    written: set[tuple[str, str]] = set()
    placed: dict[tuple[str, Span, str], tuple[Script, Comment, bool]] = {}
    for _, script, comments in heard:
        for comment in worth_saying(script, comments):
            span = script.place(comment.span)
            piece = script.piece(comment.span.start)
            if span is None or piece is None or is_ours(comment.code, span, script, ours):
                continue
            aliased = piece.command.scalar.is_alias
            if not aliased:
                written.add((comment.code, comment.message))
            placed.setdefault((comment.code, span, comment.message), (script, comment, aliased))
    for (code, span, message), (script, comment, aliased) in placed.items():
        if aliased and (code, message) in written:
            continue  # said where the text stands that the alias names
        rule = rules.setdefault(code, rule_of(code, comment.level))
        found = diagnostic(source.file.result.path, source.document, rule, span, message)
        yield found._replace(severity=severity_of(script, comment), confidence=confidence_of(script))

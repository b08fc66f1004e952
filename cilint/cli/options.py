"""The options of commands that check: which rules run and how, and where rules come from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from cilint.core.finding import CONFIDENCES, SEVERITIES
from cilint.engine.settings import AUDIENCES

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS: Final = (
    click.option("--select", multiple=True, metavar="RULE", help="Run only these: ids, names, families, categories."),
    click.option("--extend-select", multiple=True, metavar="RULE", help="Run these rules too."),
    click.option("--ignore", multiple=True, metavar="RULE", help="Leave these rules out."),
    click.option("--severity", type=click.Choice(SEVERITIES), help="Show findings from this level on."),
    click.option("--min-confidence", type=click.Choice(CONFIDENCES), help="Show findings at least as sure as this."),
    click.option("--audience", type=click.Choice(AUDIENCES), help="Whose rules to run."),
    click.option("--preview/--no-preview", default=None, help="Run rules that may still change or go."),
    click.option("--fail-on", type=click.Choice(SEVERITIES), help="Exit with 1 from this level on."),
    click.option(
        "--config",
        multiple=True,
        metavar="FILE|'KEY = VALUE'",
        help="Obey this configuration instead of the nearest one, or this setting over all others.",
    ),
    click.option("--no-suppressions", is_flag=True, help="Report what comments and the configuration suppress, too."),
    click.option("--isolated", is_flag=True, help="Read no configuration file."),
)


plugin_option = click.option(
    "--plugin",
    "plugins",
    multiple=True,
    type=click.Path(exists=True, file_okay=False),
    metavar="DIRECTORY",
    help="Load rules with checks in Python from a directory: its code runs, so name only what you trust.",
)


def with_settings(command: _Command) -> _Command:
    """Give a command the options, which it takes as keyword arguments and hands to `configurations`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command

"""The `cilint` command: finds the subcommand's module and imports no other."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Final

import click

from cilint.core.nearest import nearest
from cilint.version import __version__

_COMMANDS: Final = {
    "check": "Check files and what lies below directories.",
    "baseline": "Keep the findings of today, so that new ones only are reported.",
    "init": "Set cilint up for this repository.",
    "completions": "Print a shell's completion script.",
    "iam": "Say what a policy, or the roles of a template, allow.",
    "rule": "Explain a rule, or run the examples of rules.",
    "rules": "List the rules.",
    "schema": "Print a JSON Schema.",
}


class _Lazy(click.Group):
    """A group whose commands are modules beside this one, imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"cilint.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0]
        if word in _COMMANDS or word.startswith("-"):
            return super().resolve_command(ctx, args)
        if os.path.exists(word):
            raise click.UsageError(f"{word!r} is no command; to check it, say `cilint check {word}`", ctx)
        hint = nearest(word, _COMMANDS)
        advice = f"Did you mean {hint!r}?" if hint else "`cilint --help` lists them."
        raise click.UsageError(f"No such command {word!r}. {advice}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cilint")
def cli() -> None:
    """The linter and policy checker for AWS CI/CD configuration."""

"""`cilint completions`: the script that makes a shell complete commands, options and their values."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command("completions")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion script of SHELL.

    \b
    bash (4.4 or newer), in ~/.bashrc:   eval "$(cilint completions bash)"
    zsh, in ~/.zshrc after compinit:     eval "$(cilint completions zsh)"
    fish:  cilint completions fish > ~/.config/fish/completions/cilint.fish
    """
    from cilint.cli.main import cli

    found = get_completion_class(shell)
    assert found is not None, "click knows the shells above"
    # The script asks the program for each completion, so that it never says anything else than the program.
    click.echo(found(cli, {}, "cilint", "_CILINT_COMPLETE").source_template % _names())


def _names() -> dict[str, str]:
    return {
        "complete_func": "_cilint_completion",
        "complete_var": "_CILINT_COMPLETE",
        "prog_name": "cilint",
    }

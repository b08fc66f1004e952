"""`cilint check`: the main job. How its options are spelled; what they do is in `checking.py`."""

from __future__ import annotations

from typing import Any, Final

import click

from cilint.cli.checking import Request, check
from cilint.cli.options import plugin_option, with_settings
from cilint.cli.output import COLOURS, FORMATS
from cilint.cli.settings import UNSAID

_SECTIONS: Final = {
    "Which rules run": "select extend_select ignore audience preview severity min_confidence fail_on plugins",
    "Other linters": "cfn_lint shellcheck",
    "Configuration": "config isolated show_settings",
    "Reports": "output_format output_files statistics color exit_zero",
    "Fixes": "fix fix_only unsafe_fixes diff",
    "Suppressions and baseline": "add_ignores reason until no_suppressions baseline no_baseline base",
    "Files": "show_files stdin_filename force_exclude",
}
"""What `--help` shows together, by the names of parameters."""


class _InSections(click.Command):
    """A command with many options, shown by what they are for."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        told = {each.name: each.get_help_record(ctx) for each in self.get_params(ctx) if isinstance(each, click.Option)}
        for title, names in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([record for name in names.split() if (record := told.pop(name, None))])
        with formatter.section("Other"):
            formatter.write_dl([record for record in told.values() if record])


@click.command("check", cls=_InSections)
@click.argument("paths", nargs=-1, type=click.Path())
@with_settings
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--format", "output_format", type=click.Choice(FORMATS), default="text", help="How to report.")
@click.option(
    "--output",
    "output_files",
    multiple=True,
    metavar="[FORMAT=]FILE",
    help="Write the report to this file too, in the format of its ending (.sarif, .json, .xml, .md, .txt) or as named.",
)
@click.option("--statistics", is_flag=True, help="Count the findings of each rule instead of showing them.")
@click.option("--color", type=click.Choice(COLOURS), default="auto", help="Colour the text report.")
@click.option("--fix", is_flag=True, help="Write the safe fixes into the files, and report what is left.")
@click.option("--fix-only", is_flag=True, help="Write the fixes and report nothing.")
@click.option("--diff", is_flag=True, help="Print what --fix would change and write nothing; exit with 1 if anything.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply fixes, too, that change what happens today.")
@click.option("--add-ignores", is_flag=True, help="Write a suppression for each finding into the files.")
@click.option("--reason", metavar="TEXT", help="Why --add-ignores may suppress them; it is written behind each.")
@click.option("--until", metavar="YYYY-MM-DD", help="The last day on which these suppressions hold.")
@click.option("--stdin-filename", metavar="PATH", help="The name of the text on standard input (PATHS is `-`).")
@click.option("--show-files", is_flag=True, help="Print which files would be checked and as what, and run no rule.")
@click.option("--show-settings", is_flag=True, help="Print the settings that hold for PATHS, and run no rule.")
@click.option("--baseline", metavar="FILE", help="Report only what this file of `cilint baseline` does not know.")
@click.option("--no-baseline", is_flag=True, help="Report what the baseline knows, too.")
@click.option(
    "--base", metavar="REF", help="The branch or commit before the change: say what in it could silence this run."
)
@click.option(
    "--force-exclude", is_flag=True, help="PATHS come from a tool: pass over what is excluded or none of ours."
)
@click.option("--cfn-lint/--no-cfn-lint", default=None, help="Run cfn-lint over the templates, and report here.")
@click.option("--shellcheck/--no-shellcheck", default=None, help="Run shellcheck over the commands, and report here.")
@plugin_option
def command(**asked: Any) -> None:
    """Check PATHS: files, directories (default: the current one), or - for standard input.

    Exit code: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage, 3 nothing to check, 4 a rule crashed.
    """
    check(request_of(asked))


def request_of(asked: dict[str, Any]) -> Request:
    """The request that parsed options make."""
    options = {name: asked.pop(name) for name in UNSAID}
    return Request(**asked, options=options)

"""`cilint rules`: the list of rules, for people, for programs and for `rules/README.md`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

import click

from cilint.cli.book import open_book, refuse
from cilint.cli.options import plugin_option
from cilint.core.nearest import nearest
from cilint.core.rule import Rule
from cilint.engine.pages import family
from cilint.engine.settings import AUDIENCES


@click.command("rules")
@click.option("--kind", metavar="KIND", help="Only rules about this kind of file, such as buildspec.")
@click.option("--category", metavar="CATEGORY", help="Only rules of this category, such as security.")
@click.option("--audience", type=click.Choice(AUDIENCES), help="Only rules for this audience.")
@click.option("--family", "wanted", metavar="FAMILY", help="Only rules whose id starts so, such as BS.")
@click.option("--format", "form", type=click.Choice(("text", "json", "markdown")), default="text", help="How to list.")
@plugin_option
def command(
    kind: str | None,
    category: str | None,
    audience: str | None,
    wanted: str | None,
    form: str,
    plugins: tuple[str, ...],
) -> None:
    """List the rules: cilint's own, and those of the project's .cilint/rules/.

    `cilint rule NAME` explains one.
    """
    rules = open_book(plugins).rules
    wanted = wanted and wanted.upper()
    _known("kind", kind, (each for rule in rules for each in rule.kinds))
    _known("category", category, (rule.category for rule in rules))
    _known("family", wanted, (family(rule.id) for rule in rules))
    found = [
        rule
        for rule in rules
        if (kind is None or kind in rule.kinds)
        and category in (None, rule.category)
        and audience in (None, rule.audience)
        and wanted in (None, family(rule.id))
    ]
    click.echo({"text": text, "json": as_json, "markdown": markdown}[form](found), nl=False)


def text(rules: list[Rule]) -> str:
    """One line a rule, in columns."""
    if not rules:
        return "no rule fits\n"
    widths = [max(len(getattr(rule, field)) for rule in rules) for field in ("id", "name", "severity")]
    lines = []
    for rule in rules:
        beyond = [
            word for word in (rule.audience if rule.audience != "regular" else "", "preview" * rule.preview) if word
        ]
        note = f" ({', '.join(beyond)})" if beyond else ""
        columns = (f"{value:{width}}" for value, width in zip((rule.id, rule.name, rule.severity), widths, strict=True))
        lines.append(f"{'  '.join(columns)}  {rule.summary}{note}\n")
    return "".join(lines)


def as_json(rules: list[Rule]) -> str:
    """A list of objects. `page` is below rules/ for cilint's own rules, absolute for others."""
    return json.dumps([_value(rule) for rule in rules], indent=2) + "\n"


def markdown(rules: list[Rule]) -> str:
    """The table of `rules/README.md`; each name leads to its page."""
    lines = ["| id | name | severity | audience | summary |", "|---|---|---|---|---|"]
    for rule in rules:
        name = rule.name if os.path.isabs(rule.page) else f"[{rule.name}]({rule.page})"
        summary = rule.summary.replace("|", "\\|")
        lines.append(f"| {rule.id} | {name} | {rule.severity} | {rule.audience} | {summary} |")
    return "\n".join(lines) + "\n"


def _value(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "family": family(rule.id),
        "summary": rule.summary,
        "category": rule.category,
        "severity": rule.severity,
        "confidence": rule.confidence,
        "audience": rule.audience,
        "kinds": list(rule.kinds),
        "fix": rule.fix_safety or None,
        "preview": rule.preview,
        "own": not os.path.isabs(rule.page),
        "page": rule.page,
    }


def _known(what: str, word: str | None, words: Iterable[str]) -> None:
    names = sorted(set(words))
    if word is not None and word not in names:
        hint = nearest(word, names)
        refuse(
            f"no rule is of the {what} {word!r}; "
            + (f"did you mean {hint!r}?" if hint else f"there are {', '.join(names)}")
        )

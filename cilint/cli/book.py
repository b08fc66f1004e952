"""The rules that a command works with - cilint's own, the project's, plugins' - and how wrong usage ends."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from cilint.core.nearest import nearest
from cilint.core.rule import PageError, Rule
from cilint.engine import index
from cilint.engine.index import Index
from cilint.engine.run import USAGE


def open_book(plugins: tuple[str, ...]) -> Index:
    """All rules that can speak here; ends the command where a page is wrong, or AWS's data are to come from nowhere."""
    if os.environ.get("CILINT_IAM_DATA"):
        refuse_missing_data()
    try:
        return index.load(index.project_rules(), plugins)
    except PageError as error:
        refuse(f"a rule cannot be used; mend its page, then try it with `cilint rule test`\n{error}")


def refuse_missing_data() -> None:
    """End the command where the directory of CILINT_IAM_DATA does not hold the data."""
    from cilint.catalog import data_files

    lacking = data_files.missing()
    if lacking:
        directory = os.environ[data_files.VARIABLE]
        refuse(f"{data_files.VARIABLE}: {directory} has no {lacking[0]}; `cilint iam data {directory}` writes it")


def find_rule(book: Index, word: str) -> Rule:
    """The rule with this name or id, whatever its case; ends the command where there is none."""
    rule = book.by_name(word) or book.by_name(word.lower()) or book.by_name(word.upper())
    if rule is None:
        refuse(f"no rule is called {word!r}; {_advice(book, word)}")
    if word in rule.was:
        sys.stderr.write(f"cilint: {word!r} is called {rule.name!r} now\n")
    return rule


def _advice(book: Index, word: str) -> str:
    by_name = nearest(word, (each.name for each in book.rules))
    by_id = nearest(word, (each.id for each in book.rules), 1) if any(map(str.isdigit, word)) else None
    hint = by_name or by_id
    return f"did you mean {hint!r}?" if hint else "`cilint rules` lists them"


def refuse(message: str) -> NoReturn:
    """End with the exit code of wrong usage."""
    sys.stderr.write(f"cilint: {message}\n")
    sys.exit(USAGE)

"""cilint as a library: what `cilint check` does, as two functions that print nothing and give a `Report`.

>>> report = cilint.check_text("version: 0.2\\nphases: {}\\n", "buildspec.yml")
>>> [(each.id, each.place.line, each.message) for each in report.diagnostics]
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from cilint.core.finding import Audience
from cilint.core.nearest import nearest
from cilint.core.rule import Rule
from cilint.engine import index as rule_index
from cilint.engine import run
from cilint.engine.index import Index
from cilint.engine.pages import family
from cilint.engine.result import Diagnostic, Place
from cilint.engine.run import Report
from cilint.engine.settings import AUDIENCES, Settings, known

__all__ = ["Diagnostic", "Place", "Report", "Rule", "check_paths", "check_text"]

Path = str | os.PathLike[str]


def check_paths(
    paths: Iterable[Path] | Path,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    audience: Audience = "regular",
    rules: Path | None = None,
) -> Report:
    """Check files and what lies below directories.

    `select` and `ignore` hold rules by id or name, families (`BS`) or categories; an empty `select` means all rules
    for `audience`: "regular", "pedantic" (advice of taste, too) or "auditor" (questions for a review, too).
    `rules` is a directory with rule pages of your own, such as `.cilint/rules`; they are data and run no code.

    The report's `diagnostics` are in the order of the files and of their text; lines and columns start at 1, offsets
    at 0, and both count code points. A file that cannot be read or parsed is a finding or one of `report.unread`, and
    never an exception.

    Raises FileNotFoundError for a path that does not exist, and ValueError for a word in `select` or `ignore` that
    means no rule, for an unknown audience, and for a page in `rules` that cannot be used.
    """
    named = [os.fspath(paths)] if isinstance(paths, str | os.PathLike) else [os.fspath(path) for path in paths]
    for path in named:
        if not os.path.lexists(path):
            raise FileNotFoundError(f"{path}: no such file or directory")
    index, settings = _prepared(select, ignore, audience, rules)
    return run.check_paths(tuple(named), index, settings)


def check_text(
    text: str | bytes,
    path: Path,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    audience: Audience = "regular",
    rules: Path | None = None,
) -> Report:
    """Check a text as if it were the file at `path`, which need not exist and is not read.

    Bytes are decoded as the file's would be. What rules ask of the files around it, they are not told. The other
    parameters, the report and ValueError are those of `check_paths`.
    """
    index, settings = _prepared(select, ignore, audience, rules)
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return run.check_text(os.fspath(path), data, index, settings)


def _prepared(
    select: Iterable[str], ignore: Iterable[str], audience: Audience, rules: Path | None
) -> tuple[Index, Settings]:
    if isinstance(select, str) or isinstance(ignore, str):
        raise ValueError("`select` and `ignore` take a list of words, not one text")
    if audience not in AUDIENCES:
        raise ValueError(f"the audience {audience!r} is none of {', '.join(AUDIENCES)}")
    index = rule_index.load(rules if rules is None else os.fspath(rules))
    settings = Settings(tuple(select), tuple(ignore), audience=audience)
    for word in (*settings.select, *settings.ignore):
        if not known(index, word):
            raise ValueError(f"no rule, family or category is called {word!r}{_hint(index, word)}")
    return index, settings


def _hint(index: Index, word: str) -> str:
    words = {word for rule in index.rules for word in (rule.name, rule.id, rule.category, family(rule.id))}
    hint = nearest(word, sorted(words))
    return f"; did you mean {hint!r}?" if hint else ""

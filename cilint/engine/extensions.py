"""Rules that are not cilint's own: a project's pages, which are data only, and plugins, which hold Python too.

A project's pages are read because they are there; a plugin is loaded only when somebody outside the project names it.
Nothing of a plugin is imported before one of its checks runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Final

from cilint.core.rule import PageError, Rule
from cilint.engine import index
from cilint.engine.index import CheckRow, Row
from cilint.engine.pages import Page, page_paths, parse_of_plugin, parse_of_project
from cilint.model.subjects import MODULES, subjects

KINDS: Final = tuple(sorted(MODULES))


def further_rules(own: Sequence[Rule], rules: str | None, plugins: Sequence[str]) -> tuple[Rule, ...]:
    """The rules of the pages below `rules` and of plugins, kept compiled like cilint's own. Raises PageError."""
    found: list[Rule] = []
    if rules is not None:
        found += _compiled(rules, compile_project)
    for plugin in plugins:
        found += _compiled(plugin, compile_plugin)
    _refuse_twins([*own, *found])
    return tuple(found)


def compile_project(rules: str) -> list[Row]:
    """The rows of a project's pages below the directory `rules`. Raises PageError with all that is wrong."""
    return [index.row(page.path, page.data, None) for page in _pages(rules, parse_of_project)]


def compile_plugin(plugin: str) -> list[Row]:
    """The rows of a plugin: the pages below its `rules/`, and the checks of its Python files. Raises PageError."""
    checks = dict(_checks(plugin))
    rows: list[Row] = []
    for page in _pages(os.path.join(plugin, "rules"), parse_of_plugin):
        check = checks.pop(page.name, None)
        if check is None and not {"require", "forbid"} & page.data.keys():
            raise PageError(
                f'{shown(page.path)}: the rule does nothing; write `@check("{page.name}")` in a Python file of '
                "the plugin, or `select` with `require` or `forbid` in the page"
            )
        if check is not None:
            _refuse_subject(page, check)
        rows.append(index.row(page.path, page.data, check))
    if checks:
        name, (module, function, _types) = next(iter(checks.items()))
        raise PageError(f"{shown(module)}: `{function}` is the check of a page called `{name}`, which is not there")
    if not rows:
        raise PageError(f"{shown(plugin)}: a plugin has pages in `rules/`, but there are none")
    return rows


def page_at(path: str) -> tuple[Page, Rule]:
    """A project's page wherever it lies, and its rule. Raises PageError."""
    with open(path, "rb") as file:
        page = parse_of_project(shown(path), file.read(), KINDS)._replace(path=os.path.abspath(path))
    return page, index.rule(index.row(page.path, page.data, None))


@cache
def load_module(path: str) -> ModuleType:
    """The Python file of a plugin as a module. What it raises comes through."""
    name = f"cilint_plugin_{os.path.basename(path).removesuffix('.py')}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown(path: str) -> str:
    """A path for messages: from the working directory where it lies below it."""
    relative = os.path.relpath(path)
    return (path if relative.startswith(os.pardir) else relative).replace(os.sep, "/")


_Parse = Callable[[str, bytes, tuple[str, ...]], Page]


def _pages(rules: str, parse: _Parse) -> Iterator[Page]:
    """The pages below a directory, each with its absolute path. Raises PageError for all that are wrong."""
    problems: list[str] = []
    pages: list[Page] = []
    for path in page_paths(rules, alone=True):
        full = os.path.abspath(os.path.join(rules, path))
        try:
            with open(full, "rb") as file:
                pages.append(parse(shown(full), file.read(), KINDS)._replace(path=full))
        except OSError as error:
            problems.append(f"{shown(full)}: {error.strerror or error}")
        except PageError as error:
            problems.append(str(error))
    if problems:
        raise PageError("\n".join(problems))
    return iter(pages)


def _checks(plugin: str) -> Iterator[tuple[str, CheckRow]]:
    for name in sorted(os.listdir(plugin)):
        if name.endswith(".py"):
            path = os.path.abspath(os.path.join(plugin, name))
            try:
                yield from index.checks_of_file(path, path)
            except (SyntaxError, UnicodeDecodeError, ValueError) as error:
                line = getattr(error, "lineno", None) or 1
                raise PageError(f"{shown(path)}:{line}: {getattr(error, 'msg', error)}") from error


def _refuse_subject(page: Page, check: CheckRow) -> None:
    """A function whose first parameter no kind of its page can give."""
    module, function, types = check
    for kind in page.data["kinds"]:
        known = subjects(kind)
        if not types or types[0] not in known:
            asked = f"asks for a `{types[0]}`" if types else "does not say what it asks for"
            raise PageError(
                f"{shown(module)}: `{function}` {asked}; a check of the kind {kind} takes one of "
                f"{', '.join(known)} as its first parameter"
            )


def _refuse_twins(rules: list[Rule]) -> None:
    seen: dict[str, Rule] = {}
    for rule in rules:
        for word in (rule.id, rule.name, *rule.was):
            if word in seen:
                other = seen[word]
                whose = (
                    f"{shown(other.page)}" if os.path.isabs(other.page) else f"cilint's own {other.name} ({other.id})"
                )
                raise PageError(f"{shown(rule.page)}: `{word}` is taken by {whose}; give the rule another one")
        seen |= dict.fromkeys((rule.id, rule.name, *rule.was), rule)


def _compiled(directory: str, compile: Callable[[str], list[Row]]) -> list[Rule]:
    directory = os.path.realpath(directory)
    name = f"{compile.__name__}-{index.state(directory)}"
    return [index.rule(row) for row in index.cached(name, lambda: compile(directory))]

"""Rule pages: reading `rules/<family>/<name>.yaml` whole, off the hot path, and refusing what a page may not say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import yaml

from cilint.core import resources
from cilint.core.finding import CONFIDENCES, SEVERITIES
from cilint.core.schema import unsupported

CATEGORIES: Final = ("correctness", "security", "reliability", "performance", "cost", "style")
AUDIENCES: Final = ("regular", "pedantic", "auditor")
_REQUIRED: Final = ("id", "name", "summary", "category", "severity", "confidence", "kinds", "why", "bad", "good")
_KNOWN: Final = frozenset(
    [*_REQUIRED, "audience", "references", "fix", "select", "require", "forbid", "message", "schema", "keywords"]
    + ["general", "preview", "options", "security-severity", "lowered", "cwe"]
)


class PageError(ValueError):
    """A page that says something that pages cannot say; the message names the page and the place."""


class Page(NamedTuple):
    """A page with its prose and examples. `data` is the page as written."""

    path: str  # below rules/, with forward slashes
    data: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.data["name"])


def page_paths(rules: str) -> Iterator[str]:
    """Paths of the pages below the directory `rules`, sorted, with forward slashes."""
    for folder, folders, names in os.walk(rules):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".yaml") and os.path.abspath(folder) != os.path.abspath(rules):
                yield os.path.relpath(os.path.join(folder, name), rules).replace(os.sep, "/")


def load(path: str) -> Page:
    """One page of cilint's own by its path below rules/. Raises PageError."""
    return parse(path, resources.read(f"rules/{path}"))


def parse(path: str, content: bytes) -> Page:
    """A page from its bytes, checked. Raises PageError."""
    try:
        data = yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise PageError(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise PageError(f"{path}: a page is a mapping")
    for problem in _problems(path, data):
        raise PageError(f"{path}: {problem}")
    return Page(path, data)


def _problems(path: str, data: dict[str, Any]) -> Iterator[str]:
    yield from (f"`{key}` is missing" for key in _REQUIRED if key not in data)
    yield from (f"unknown key `{key}`" for key in data if key not in _KNOWN)
    folder = path.rsplit("/", 1)[-1].removesuffix(".yaml")
    if data.get("name") != folder:
        yield f"its name `{data.get('name')}` is not its file's name"
    for key, allowed in (
        ("category", CATEGORIES),
        ("severity", SEVERITIES),
        ("confidence", CONFIDENCES),
        ("audience", AUDIENCES),
    ):
        if data.get(key, "regular") not in allowed:
            yield f"`{key}` must be one of {', '.join(allowed)}"
    for key in ("require", "forbid"):
        yield from (f"`{key}` uses the unknown schema keyword `{word}`" for word in unsupported(data.get(key)))

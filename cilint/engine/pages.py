"""Rule pages: reading `rules/<family>/<name>.yaml` whole, off the hot path, and refusing what a page may not say.

`schemas/rule.schema.json` says what a page looks like; here stands only what a schema cannot say.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, ClassVar, Final

import yaml

from cilint.core import resources
from cilint.core.nearest import nearest
from cilint.core.rule import PageError
from cilint.core.schema import evaluate, unsupported
from cilint.source.nodes import Mapping, Node
from cilint.source.record import NamedTuple
from cilint.source.text import Text, decode
from cilint.source.yaml import parse_yaml

CATEGORIES: Final = ("correctness", "security", "reliability", "performance", "cost", "style")
FAMILIES: Final = {
    "CI": "cilint's own: reading files, internal errors",
    "BS": "buildspecs",
    "SH": "commands of a build",
    "CB": "CodeBuild projects",
    "AS": "appspecs",
    "CD": "CodeDeploy",
    "CP": "pipelines",
    "AR": "around a pipeline: S3, ECR, CodeArtifact, notifications",
    "IAM": "IAM policies",
    "DG": "what files say of each other",
}
"""Families of cilint's own ids; a project's rules take another one."""

_OWN_ONLY: Final = ("schema", "keywords", "general", "options", "fix")
_PYTHON: Final = frozenset(["check", "code", "function", "import", "module", "plugin", "python", "script"])
_NO_PYTHON: Final = (
    "a project's rules are data only, so they say what they want with `select` and `require` or `forbid`; a check "
    "written in Python belongs in a plugin, which `cilint check --plugin DIRECTORY` loads"
)


class Page(NamedTuple):
    """A page with its prose and examples. `data` is the page as written."""

    path: str  # below rules/ with forward slashes for cilint's own, else as the page was named
    data: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.data["name"])


def page_paths(rules: str, alone: bool = False) -> Iterator[str]:
    """Paths of the pages below the directory `rules`, sorted, with forward slashes.

    A page lies in a family's folder, or with `alone` in `rules` itself; the folder with a page's name beside it holds
    its examples.
    """
    for folder, folders, names in os.walk(rules):
        pages = [name for name in sorted(names) if name.endswith((".yaml", ".yml"))]
        stems = {os.path.splitext(name)[0] for name in pages}
        folders[:] = sorted(set(folders) - stems)
        if alone or os.path.abspath(folder) != os.path.abspath(rules):
            yield from (os.path.relpath(os.path.join(folder, name), rules).replace(os.sep, "/") for name in pages)


def load(path: str) -> Page:
    """A page by the path that its rule carries: below rules/ for cilint's own, absolute for others.

    Raises PageError, and OSError for a page that is gone.
    """
    if not os.path.isabs(path):
        return parse(path, resources.read(f"rules/{path}"))
    with open(path, "rb") as file:
        return parse(path, file.read())


def parse(path: str, content: bytes) -> Page:
    """A page from its bytes, checked. Raises PageError with every problem that was found."""
    return _parse(path, content, _page_problems)


def parse_of_project(path: str, content: bytes, kinds: tuple[str, ...]) -> Page:
    """A page of a project's own rules: data only, of another family than cilint's. Raises PageError."""
    return _parse(path, content, lambda data: [*_page_problems(data), *_project_problems(data, kinds)])


def parse_of_plugin(path: str, content: bytes, kinds: tuple[str, ...]) -> Page:
    """A page of a plugin, which may have a function: of another family than cilint's. Raises PageError."""
    return _parse(path, content, lambda data: [*_page_problems(data), *_foreign_problems(data, kinds)])


_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc]
    """YAML's plain data, in which a date is text as it is in JSON."""

    yaml_implicit_resolvers: ClassVar = {
        first: [each for each in resolvers if not each[0].endswith(":timestamp")]
        for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
    }


_Problem = tuple[str, str]  # the key that it is about, and what is wrong


def _parse(path: str, content: bytes, check: Callable[[dict[str, Any]], list[_Problem]]) -> Page:
    text = decode(content)
    document = parse_yaml(text)
    for problem in document.problems:
        raise PageError(f"{_at(path, text, problem.span.start)}: {problem.message}")
    root = document.root
    if not isinstance(root, Mapping):
        raise PageError(f"{path}:1: a page is a mapping; its keys start with `id:`, `name:` and `summary:`")
    said = [
        f"{_at(path, text, violation.span.start)}: {_explained(violation.keyword, violation.node, violation.message)}"
        for violation in evaluate(_schema(), root)
    ]
    if said:
        raise PageError("\n".join(said))
    try:
        data = yaml.load(content, Loader=_Loader)
    except yaml.YAMLError as error:
        raise PageError(f"{path}: {error}") from error
    stem = os.path.splitext(os.path.basename(path))[0]
    problems = check(data)
    if data["name"] != stem:
        problems.insert(0, ("name", f"the name `{data['name']}` is not the file's name `{stem}`; make them equal"))
    if problems:
        raise PageError("\n".join(f"{_at(path, text, _start(root, key))}: {message}" for key, message in problems))
    return Page(path, data)


@cache
def _schema() -> Any:
    import json

    return json.loads(resources.read("schemas/rule.schema.json"))


def _at(path: str, text: Text, offset: int) -> str:
    return f"{path}:{text.position(offset).line}"


def _start(root: Mapping, key: str) -> int:
    entry = root.entry(key)
    return entry.key.start if entry else root.start


def _explained(keyword: str, node: Node, message: str) -> str:
    name = getattr(node, "value", "")
    if keyword == "additionalProperties" and name in _PYTHON:
        return f"`{name}` is no key of a page; {_NO_PYTHON}"
    return message


def _page_problems(data: dict[str, Any]) -> list[_Problem]:
    """What the schema of pages cannot say."""
    found: list[_Problem] = [
        ("options", f"the option `{name}` uses the unknown keyword `{word}`")
        for name, schema in data.get("options", {}).items()
        for word in unsupported(schema)
    ]
    for key in ("require", "forbid"):
        found += [(key, f"`{key}` uses the unknown keyword `{word}`") for word in unsupported(data.get(key))]
        for pattern in _patterns(data.get(key)):
            try:
                re.compile(pattern)
            except re.error as error:
                found.append((key, f"`{pattern}` is no regular expression: {error}"))
    return found


def _foreign_problems(data: dict[str, Any], kinds: tuple[str, ...]) -> list[_Problem]:
    found: list[_Problem] = []
    own = family(data["id"])
    if own in FAMILIES:
        found.append(("id", f"ids that start with `{own}` are cilint's own; take another family, such as `TEAM`"))
    for kind in data["kinds"]:
        if kind not in kinds:
            hint = nearest(kind, kinds)
            advice = f"did you mean `{hint}`?" if hint else f"the kinds with rules: {', '.join(kinds)}"
            found.append(("kinds", f"there are no rules for the kind `{kind}`; {advice}"))
    if not data["bad"]:
        found.append(("bad", "there is no example; a rule shows at least one file that it speaks about"))
    return found


def _project_problems(data: dict[str, Any], kinds: tuple[str, ...]) -> list[_Problem]:
    found = _foreign_problems(data, kinds)
    found += [(key, f"`{key}` is for cilint's own rules; {_NO_PYTHON}") for key in _OWN_ONLY if key in data]
    if "require" not in data and "forbid" not in data:
        found.append(("id", f"neither `require` nor `forbid` is there; {_NO_PYTHON}"))
    return found


def _patterns(schema: Any) -> Iterator[str]:
    """The regular expressions anywhere in a JSON Schema, or in what stands there instead."""
    if isinstance(schema, list):
        for item in schema:
            yield from _patterns(item)
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        if keyword == "pattern" and isinstance(value, str):
            yield value
        elif keyword == "patternProperties":
            yield from value
            yield from _patterns(list(value.values()))
        elif keyword == "properties":
            yield from _patterns(list(value.values()))
        elif keyword not in ("enum", "const"):
            yield from _patterns(value)


def family(id: str) -> str:
    """The family of a rule's id: `BS` of `BS101`."""
    return id.rstrip("0123456789").rstrip("-")

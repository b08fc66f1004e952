"""A page's examples as tests: `bad` gives exactly the findings that it expects, `good` gives none of its rule.

What it takes to read an example stands here too: the checked file, and the small project around it.
"""

from __future__ import annotations

import base64
import os
import posixpath
from collections.abc import Iterator
from typing import Any, Final

from cilint.core import resources
from cilint.core.context import EmptyTree, Surroundings, Tree
from cilint.core.rule import Rule
from cilint.engine.analyze import INTERNAL_ERROR, Options, analyze
from cilint.engine.config import rule_options
from cilint.engine.fixing import fix
from cilint.engine.index import Index
from cilint.engine.pages import Page
from cilint.engine.result import Diagnostic, FileResult
from cilint.engine.settings import Settings
from cilint.engine.suppress import applied
from cilint.source.record import NamedTuple
from cilint.source.text import Text, decode

NAMES: Final = {
    "appspec-ec2": "appspec.yml",
    "appspec-ecs": "appspec.yaml",
    "appspec-lambda": "appspec.yaml",
    "buildspec": "buildspec.yml",
    "codebuild-project": "project.json",
    "codedeploy-application": "template.yaml",
    "deploy-spec": "deployspec.yaml",
    "deployment-config": "template.yaml",
    "deployment-group": "template.yaml",
    "deployment-preference": "template.yaml",
    "ecs-service": "template.yaml",
    "event-pattern": "template.yaml",
    "file": "buildspec.yml",
    "iam-policy": "policy.json",
    "imagedefinitions": "imagedefinitions.json",
    "imagedetail": "imageDetail.json",
    "lambda-alias": "template.yaml",
    "notification-rule": "template.yaml",
    "pipeline": "template.yaml",
    "taskdef": "taskdef.json",
    "template": "template.yaml",
}
"""What the checked file is called where an example does not say, by the first kind of its page."""


class ExampleError(ValueError):
    """An example that cannot be read: a folder that is not there, or without the checked file."""


class Failure(NamedTuple):
    """An example that does not show what its page says. `example` is such as `bad 2`."""

    example: str
    reason: str


class MemoryTree:
    """The neighbourhood of a file among `files`: path from the project's root to bytes and executable bit."""

    def __init__(self, files: dict[str, tuple[bytes, bool]], checked: str) -> None:
        self.files = files
        self.directory = posixpath.dirname(checked)

    def exists(self, path: str) -> bool:
        full = self._full(path)
        return full in (".", "") or full in self.files or any(name.startswith(f"{full}/") for name in self.files)

    def read(self, path: str) -> bytes | None:
        file = self.files.get(self._full(path))
        return file[0] if file else None

    def executable(self, path: str) -> bool:
        file = self.files.get(self._full(path))
        return file is not None and file[1]

    def find(self, name: str) -> tuple[str, ...]:
        found = [path for path in sorted(self.files) if posixpath.basename(path) == name]
        return tuple(posixpath.relpath(path, self.directory or ".") for path in found)

    def project(self) -> Surroundings:
        return Surroundings("", self.directory, tuple(sorted(self.files)), True, MemoryTree(self.files, "").read)

    def _full(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self.directory, path))


class Example(NamedTuple):
    """An example ready to run: the checked file's name and bytes, what lies around it, and the rule's options."""

    name: str
    data: bytes
    tree: Tree
    options: Options


def check_page(page: Page, rules: tuple[Rule, ...]) -> Iterator[Failure]:
    """What the examples of a page do not show. `rules` are all rules; the page's own is among them."""
    for key, check in (("bad", check_bad), ("good", check_good)):
        for number, example in enumerate(page.data[key], 1):
            yield from (Failure(f"{key} {number}", reason) for reason in check(page, example, rules))


def check_bad(page: Page, example: Any, rules: tuple[Rule, ...]) -> Iterator[str]:
    """Where a bad example does not give exactly the findings that it expects, in words."""
    try:
        ready = read(page, example)
    except ExampleError as error:
        yield str(error)
        return
    result = checked(ready, rules)
    yield from _unfit(result, ready)
    text = decode(ready.data)
    found = [each for each in result.diagnostics if each.rule == page.name]
    expected = [each for each in example["expect"] for _ in range(each.get("count", 1))]
    if len(found) != len(expected):
        yield f"expected {_findings(len(expected))}, found {len(found)}{_said(found)}"
        return
    for wanted, each in zip(expected, found, strict=True):
        yield from _differences(page, wanted, each, text)
    if "fixed" in example:
        yield from _unfixed(example["fixed"], page, ready, rules)


def check_good(page: Page, example: Any, rules: tuple[Rule, ...]) -> Iterator[str]:
    """What is said about a good example, in words. One of an error's page shows a file that works: no rule calls it
    an error."""
    try:
        ready = read(page, example)
    except ExampleError as error:
        yield str(error)
        return
    result = checked(ready, rules)
    yield from _unfit(result, ready)
    for each in result.diagnostics:
        if each.rule == page.name:
            yield f"expected no finding, found{_said([each])}"
        elif page.data["severity"] == each.severity == "error" and each.rule != INTERNAL_ERROR:
            yield f"expected a file that works, but {each.rule} says{_said([each])}"


def checked(ready: Example, rules: tuple[Rule, ...], data: bytes | None = None) -> FileResult:
    """What is said about an example, or about other bytes in its place."""
    given = tuple(ready.options.items())
    options = dict(given) | rule_options(rules, Settings(options=given))
    result = analyze(ready.name, ready.data if data is None else data, rules, ready.tree, options)
    return applied(result, rules, Index(rules))


def read(page: Page, example: Any) -> Example:
    """An example with its files. Raises ExampleError."""
    if isinstance(example, str):
        example = {"file": example}
    name = example.get("name")
    options = {page.name: example.get("options", {})}
    if "folder" in example:
        files = _folder(page, example["folder"])
    elif "files" in example:
        files = {path: _file(content) for path, content in example["files"].items()}
    elif "file" in example or "base64" in example:
        return Example(name or _default_name(page), _file(_alone(example))[0], EmptyTree(), options)
    else:
        raise ExampleError("the example has no file")
    if "file" in example or "base64" in example:
        name = name or _default_name(page)
        files[name] = _file(_alone(example))
    name = name or (_default_name(page) if "folder" in example else next(iter(files), ""))
    if name not in files:
        raise ExampleError(f"the checked file `{name}` is not among the example's files; say which one with `name`")
    return Example(name, files[name][0], MemoryTree(files, name), options)


def _default_name(page: Page) -> str:
    kind = page.data["kinds"][0]
    return NAMES.get(kind, f"{kind}.yml")


def _alone(example: dict[str, Any]) -> dict[str, Any]:
    return {"base64": example["base64"]} if "base64" in example else {"text": example["file"]}


def _file(content: Any) -> tuple[bytes, bool]:
    if isinstance(content, str):
        return content.encode(), True
    try:
        data = base64.b64decode(content["base64"]) if "base64" in content else content.get("text", "").encode()
    except ValueError as error:
        raise ExampleError(f"the example's base64 cannot be read: {error}") from error
    return data, content.get("executable", True)


def _folder(page: Page, folder: str) -> dict[str, tuple[bytes, bool]]:
    """The files of a folder in the folder with the page's name beside the page."""
    top = os.path.join(resources.directory("rules") or "", os.path.splitext(page.path)[0], folder)
    files: dict[str, tuple[bytes, bool]] = {}
    for directory, _folders, names in os.walk(top):
        for name in sorted(names):
            full = os.path.join(directory, name)
            path = os.path.relpath(full, top).replace(os.sep, "/")
            with open(full, "rb") as file:
                files[path] = file.read(), os.name != "posix" or os.access(full, os.X_OK)
    if not files:
        raise ExampleError(f"the folder {page.name}/{folder} beside the page is not there or empty")
    return files


def _unfit(result: FileResult, ready: Example) -> Iterator[str]:
    if not result.checked:
        what = f"a {result.kind}, which no rule looks at" if result.kind else "none of the kinds it knows"
        yield f"cilint takes {ready.name} for {what}; give the file's `name`, or what its kind is told by"
    for each in result.diagnostics:
        if each.rule == INTERNAL_ERROR:
            yield each.message


def _differences(page: Page, wanted: dict[str, Any], found: Diagnostic, text: Text) -> Iterator[str]:
    at = text.content[found.place.start : found.place.end].strip()
    if "at" in wanted and at != wanted["at"].strip():
        yield f"expected a finding at `{wanted['at']}`, found one at `{at}`{_said([found])}"
    if wanted.get("says", "") not in found.message:
        yield f"expected a message that says `{wanted['says']}`, found{_said([found])}"
    for key, value in (
        ("line", found.place.line),
        ("severity", found.severity),
        ("confidence", found.confidence),
    ):
        expected = wanted.get(key, value if key == "line" else page.data[key])
        if value != expected:
            yield f"expected {key} {expected}, found {value}{_said([found])}"


def _unfixed(wanted: str, page: Page, ready: Example, rules: tuple[Rule, ...]) -> Iterator[str]:
    """Where the fixes of the page's own findings do not turn the file into what the example promises."""

    def own(data: bytes) -> FileResult:
        result = checked(ready, rules, data)
        return result._replace(diagnostics=tuple(each for each in result.diagnostics if each.rule == page.name))

    after = fix(ready.name, ready.data, own, unsafe=True)
    text = decode(after.data)
    if text.content != wanted:
        yield f"expected the fix to give\n{_indented(wanted)}\nfound\n{_indented(text.content)}"
    if after.refused:
        yield f"the fix would change more than it says, or does not help{_said(list(after.refused))}"


def _findings(count: int) -> str:
    return "1 finding" if count == 1 else f"{count} findings"


def _said(found: list[Diagnostic]) -> str:
    """Findings below a failure, one a line."""
    return "".join(f"\n  {each.place.line}:{each.place.column} {each.severity}: {each.message}" for each in found)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())

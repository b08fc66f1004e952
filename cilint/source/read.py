"""Which reader a file gets, JSON or YAML. Says nothing of what kind of file it is."""

from __future__ import annotations

from cilint.source.json import parse_json
from cilint.source.nodes import Document
from cilint.source.text import Text
from cilint.source.yaml import parse_yaml


def read(text: Text, name: str) -> Document:
    """Read a file by its name and its first character; `name` is a path or just the file's name. Never raises.

    A `.json` file is JSON. Text that does not start with `{` or `[` is YAML. Text that does is read as the language
    its name suggests (YAML for `.yml` and `.yaml`, JSON for all others: `.template`, `.tpl`, no extension), and as
    the other one when that reading has something to say. Of two readings with problems the first with content
    counts: a JSON template that was saved as `.yaml` and a flow mapping in a `.template` are both read.
    """
    name = name.lower()
    if name.endswith(".json"):
        return parse_json(text)
    if not text.content.lstrip().startswith(("{", "[")):
        return parse_yaml(text)
    readers = (parse_yaml, parse_json) if name.endswith((".yml", ".yaml")) else (parse_json, parse_yaml)
    first = readers[0](text)
    if not _misread(first):
        return first
    second = readers[1](text)
    if not _misread(second):
        return second
    return first if first.roots or not second.roots else second


def _misread(document: Document) -> bool:
    """Whether another language could explain the text better; a duplicate key is one in any language."""
    return any(problem.code != "duplicate-key" for problem in document.problems)

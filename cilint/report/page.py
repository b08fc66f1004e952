"""A rule's page for a reader at a terminal: plain text, or Markdown for a terminal that can show it.

The short help that other formats carry with them is `help`'s work.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any, Final

from cilint.core.rule import Rule
from cilint.engine.pages import Page
from cilint.report.help import fenced, sentence
from cilint.source.record import NamedTuple

SHOWN: Final = 2
"""How many examples of each sort are shown; the others are for the tests."""

_TITLES: Final = (("bad", "Reported"), ("good", "Not reported"))
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class File(NamedTuple):
    """A file of an example; the name is empty where the kind's own will do."""

    name: str
    content: str


class Section(NamedTuple):
    """A part of an explanation: paragraphs and lists as they are, and files."""

    title: str
    blocks: tuple[str | File, ...]


def text(rule: Rule, page: Page) -> str:
    """The explanation in plain text."""
    parts = [f"{rule.name} ({rule.id})\n{sentence(rule.summary)}", "\n".join(_facts(rule, page))]
    parts += [f"{section.title}\n\n" + "\n\n".join(map(_plain, section.blocks)) for section in _sections(page)]
    return _printable("\n\n".join(parts)) + "\n"


def markdown(rule: Rule, page: Page) -> str:
    """The explanation in Markdown."""
    parts = [
        f"# {rule.name} ({rule.id})",
        sentence(rule.summary),
        "\n".join(f"* {each}" for each in _facts(rule, page)),
    ]
    parts += [f"## {section.title}\n\n" + "\n\n".join(map(_marked, section.blocks)) for section in _sections(page)]
    return _printable("\n\n".join(parts)) + "\n"


def _facts(rule: Rule, page: Page) -> Iterator[str]:
    yield f"{rule.severity} of {rule.confidence} confidence, {rule.category}, about {', '.join(rule.kinds)}"
    if "lowered" in page.data:
        yield f"level: {page.data['lowered']}"
    if rule.was:
        yield f"was called {', '.join(rule.was)} before"
    if rule.audience != "regular":
        yield f"only with --audience {rule.audience}, or when selected"
    if rule.preview:
        yield "in preview: only when selected"
    if "fix" in page.data:
        yield f"{page.data['fix']['safety']} fix: {page.data['fix']['title']}"


def _option(schema: dict[str, Any]) -> str:
    default = f"; {json.dumps(schema['default'])} by default" if "default" in schema else ""
    return f"{sentence(schema['description']).rstrip('.')} ({schema['type']}{default})"


def _sections(page: Page) -> Iterator[Section]:
    yield Section("Why", (page.data["why"].strip(),))
    if options := page.data.get("options"):
        lines = [f"* {name}: {_option(schema)}" for name, schema in options.items()]
        yield Section("Options", (f"In the configuration, as keys of [options.{page.name}]:", "\n".join(lines)))
    for key, title in _TITLES:
        examples = page.data[key]
        blocks = [block for example in examples[:SHOWN] for block in _example(example)]
        if len(examples) > SHOWN:
            where = page.path if os.path.isabs(page.path) else f"rules/{page.path}"
            blocks.append(f"{len(examples) - SHOWN} more in {where}")
        if blocks:
            yield Section(title, tuple(blocks))
    if references := page.data.get("references"):
        yield Section("References", ("\n".join(f"* {each}" for each in references),))


def _example(example: Any) -> Iterator[str | File]:
    """The files of an example, and what is said about them."""
    if isinstance(example, str):
        example = {"file": example}
    files: dict[str, Any] = dict(example.get("files", {}))
    if "file" in example:
        files = {example.get("name", ""): example["file"], **files}
    for name, content in files.items():
        yield File(name, content if isinstance(content, str) else str(content.get("text", "(bytes)")))
    if not files:
        yield f"{example.get('name', 'a file')} that cannot be shown as text"
    said = [_said(expected) for expected in example.get("expect", ())]
    if said:
        yield "\n".join(f"* {each}" for each in said)


def _said(expected: dict[str, Any]) -> str:
    line = f"at line {expected['line']}" if "line" in expected else ""
    place = f"at `{_short(expected['at'])}`" if "at" in expected else line
    says = expected.get("says", "")
    words = f'"{says}{"`…" * (says.count("`") % 2)}"' if says else "a finding"
    level = f" ({expected['severity']})" if "severity" in expected else ""
    return f"{words} {place}".rstrip() + level


def _short(text: str) -> str:
    lines = text.strip().splitlines() or [""]
    return lines[0] + ("…" if len(lines) > 1 else "")


def _plain(block: str | File) -> str:
    if isinstance(block, str):
        return block
    indented = "\n".join(f"    {line}".rstrip() for line in block.content.rstrip().splitlines())
    return f"{block.name}:\n\n{indented}" if block.name else indented


def _marked(block: str | File) -> str:
    if isinstance(block, str):
        return block
    return (f"`{block.name}`:\n\n" if block.name else "") + fenced(block.name, block.content)


def _printable(text: str) -> str:
    """Nothing that a page holds reaches the terminal as a control character."""
    return _CONTROL.sub("\ufffd", text)

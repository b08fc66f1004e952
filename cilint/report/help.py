"""A rule's page as help: plain text and Markdown, for formats and faces that carry a rule's explanation with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from cilint.core.rule import PageError, Rule
from cilint.engine.pages import Page, load

_EXAMPLES: Final = (("bad", "Reported"), ("good", "Not reported"))
_TICKS = re.compile(r"`{3,}")


def page_of(rule: Rule) -> Page | None:
    """The rule's page with its prose; None when it is not among cilint's own."""
    try:
        return load(rule.page) if rule.page else None
    except (OSError, PageError):
        return None


def paragraphs(page: Page | None) -> str:
    """Why the rule exists, a blank line between paragraphs, each in one line."""
    why = str(page.data["why"]) if page else ""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", why.strip()))


def text(rule: Rule, page: Page | None) -> str:
    """The help in plain text; at least the summary."""
    parts = [paragraphs(page) or sentence(rule.summary)]
    for key, title in _EXAMPLES:
        for _name, content in _files(page, key):
            parts.append(f"{title}:\n\n" + "".join(f"    {line}\n" for line in content.splitlines()).rstrip("\n"))
            break
    if references := _references(page):
        parts.append("References:\n" + "\n".join(references))
    return "\n\n".join(parts) + "\n"


def markdown(rule: Rule, page: Page | None) -> str:
    """The help in Markdown: what, why, the first example of each sort, references."""
    parts = [f"# {rule.name} ({rule.id})", sentence(rule.summary)]
    if why := paragraphs(page):
        parts.append(why)
    for key, title in _EXAMPLES:
        for name, content in _files(page, key):
            parts.append(f"## {title}\n\n{fenced(name, content)}")
            break
    if references := _references(page):
        parts.append("## References\n\n" + "\n".join(f"* <{each}>" for each in references))
    return "\n\n".join(parts) + "\n"


def sentence(phrase: str) -> str:
    """A phrase as a sentence: a capital first, a period last."""
    phrase = phrase.strip()
    start = phrase if phrase[:1] in "`_" else phrase[:1].upper() + phrase[1:]
    return start if start.endswith((".", "!", "?")) else start + "."


def _references(page: Page | None) -> list[str]:
    return [str(each) for each in page.data.get("references", ())] if page else []


def _files(page: Page | None, key: str) -> Iterator[tuple[str, str]]:
    """Name and content of the page's examples that are one readable text."""
    examples: list[Any] = list(page.data.get(key) or ()) if page else []
    for example in examples:
        if isinstance(example, str):
            yield "", example
        elif isinstance(example, dict) and isinstance(example.get("file"), str):
            yield str(example.get("name", "")), example["file"]


def fenced(name: str, content: str) -> str:
    """A file as a fenced block of Markdown."""
    language = "json" if name.endswith(".json") or content.lstrip().startswith(("{", "[")) else "yaml"
    longest = max((len(each) for each in _TICKS.findall(content)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{content.rstrip()}\n{fence}"

"""Writing suppressions into a file: where each comment goes, and the certainty that it silences what is meant, and that
the file says the same as before. How suppressions are read is `suppress`'s work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from cilint.engine.result import Diagnostic, FileResult
from cilint.engine.settings import ALWAYS
from cilint.engine.suppress import OWN, silences
from cilint.source.edits import Edit, apply
from cilint.source.nodes import Document, Mapping, Node, Scalar, Sequence, walk
from cilint.source.read import read
from cilint.source.record import NamedTuple
from cilint.source.text import Span, decode

Check = Callable[[bytes], FileResult]
"""What is to say about the bytes of one file, its suppressions applied."""

Key = tuple[str, str, str]


class Annotated(NamedTuple):
    """A file with its new suppressions: the findings that they silence, and those that no comment can silence."""

    data: bytes
    silenced: tuple[Diagnostic, ...]
    left: tuple[Diagnostic, ...]


def annotate(path: str, data: bytes, wanted: Iterable[Diagnostic], check: Check, reason: str, until: str) -> Annotated:
    """Silence the findings `wanted` of a file by comments, and no other ones. Never raises."""
    said = " ".join(part for part in (_plain(reason), f"until={until}" if until else "") if part)
    meant = Counter(_key(each) for each in wanted if each.rule not in OWN | ALWAYS)
    left = [each for each in wanted if each.rule in OWN | ALWAYS]
    silenced: list[Diagnostic] = []
    result = check(data)
    while todo := [each for each in result.diagnostics if meant[_key(each)] > 0]:
        first = todo[0]
        rules = list(dict.fromkeys(each.rule for each in todo if each.place.line == first.place.line))
        trial = _tried(path, data, result, first, rules, said, meant, check)
        if trial is None and len(rules) > 1:
            trial = _tried(path, data, result, first, [first.rule], said, meant, check)
        if trial is None:
            left.append(first)
            meant[_key(first)] -= 1
            continue
        data, after = trial
        gone = _counted(result) - _counted(after)
        for each in todo:
            if gone[_key(each)] > 0:
                gone[_key(each)] -= 1
                meant[_key(each)] -= 1
                silenced.append(each)
        result = after
    return Annotated(data, tuple(silenced), tuple(left))


def _tried(
    path: str,
    data: bytes,
    before: FileResult,
    finding: Diagnostic,
    rules: list[str],
    said: str,
    meant: Counter[Key],
    check: Check,
) -> tuple[bytes, FileResult] | None:
    """The bytes with a comment that silences the finding and nothing that is not meant; None where none does."""
    text = decode(data)
    document = read(text, path)
    if document.format != "yaml":
        return None
    old = _counted(before)
    for edit in _candidates(document, before, finding, rules, said):
        changed = apply(text, [edit])
        again = read(decode(changed), path)
        if len(again.problems) != len(document.problems) or not same(document, again):
            continue
        after = check(changed)
        new = _counted(after)
        if new[_key(finding)] < old[_key(finding)] and not new - old and not (old - new) - meant:
            return changed, after
    return None


def _candidates(
    document: Document, before: FileResult, finding: Diagnostic, rules: list[str], said: str
) -> Iterator[Edit]:
    """Where the comment could go, the closest first: into one that is there, behind the line, behind the head of the
    text that the finding is in, above what is around it."""
    text, span = document.text, Span(finding.place.start, finding.place.end)
    for each in before.suppressions:
        if each.inner is not None and not each.problem and silences(each, finding) and each.reason == said:
            missing = [rule for rule in rules if rule not in each.rules]
            yield Edit(Span(each.inner.end, each.inner.end), "".join(f", {rule}" for rule in missing))
    comment = f"# cilint: ignore[{', '.join(rules)}]" + (f" {said}" if said else "")
    lines = [finding.place.line]
    around = list(_around(document, span))
    for node in around[:1]:
        lines.append(text.position(node.start).line)
    for number in dict.fromkeys(lines):
        end = text.line_starts[number - 1] + len(text.line(number).rstrip())
        yield Edit(Span(end, end), f"  {comment}")
    for node in around:
        number = text.position(node.start).line
        start = text.line_starts[number - 1]
        indent = text.line(number)[: len(text.line(number)) - len(text.line(number).lstrip(" "))]
        yield Edit(Span(start, start), f"{indent}{comment}\n")


def _around(document: Document, span: Span) -> Iterator[Node]:
    """The values, items and keys that hold a span, the innermost first."""
    found = [
        node for root in document.roots for node in walk(root) if node.start <= span.start and span.end <= node.end
    ]
    keys = [
        entry.key
        for root in document.roots
        for node in walk(root)
        if isinstance(node, Mapping)
        for entry in node.entries
        if not entry.merged and entry.key.start <= span.start and span.end <= entry.value.end
    ]
    return iter(sorted([*found, *keys], key=lambda node: -node.start))


def same(one: Document, other: Document) -> bool:
    """Whether two documents hold the same values, written in the same styles."""
    return _shape(one) == _shape(other)


def _shape(document: Document) -> list[object]:
    shape: list[object] = []
    for root in document.roots:
        for node in walk(root):
            if isinstance(node, Scalar):
                shape.append((node.tag, node.anchor, node.style, node.value))
            elif isinstance(node, Sequence):
                shape.append((node.tag, node.anchor, "[]", len(node.items)))
            elif isinstance(node, Mapping):
                shape.append((node.tag, node.anchor, "{}", len(node.entries)))
        shape.append("---")
    return shape


def pointer(document: Document, span: Span) -> str:
    """The JSON pointer to the innermost value around a span; empty for the whole document."""
    node, steps = document.root, ""
    while node is not None:
        inner: Node | None = None
        if isinstance(node, Mapping):
            for entry in node.entries:
                if entry.key.start <= span.start and span.end <= max(entry.key.end, entry.value.end):
                    steps += "/" + entry.name.replace("~", "~0").replace("/", "~1")
                    inner = entry.value
        elif isinstance(node, Sequence):
            for number, item in enumerate(node.items):
                if item.start <= span.start and span.end <= item.end:
                    steps += f"/{number}"
                    inner = item
        node = inner
    return steps


def _plain(reason: str) -> str:
    """A reason in one line that ends no comment and starts no other."""
    return " ".join(word.lstrip("#") if word.startswith("#") else word for word in reason.split()).strip()


def _key(each: Diagnostic) -> Key:
    return each.rule, each.message, each.anchor


def _counted(result: FileResult) -> Counter[Key]:
    return Counter(_key(each) for each in result.diagnostics)

"""Applying fixes: which go together, whether the file reads as intended afterwards, again until nothing is left to do.

What a fix changes is the checks' work; here is only the certainty that it changes that and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from cilint.core.finding import Safety
from cilint.engine.result import Diagnostic, FileResult
from cilint.source.edits import Edit, EditConflict, apply
from cilint.source.nodes import Document, Mapping, Node, Scalar, Sequence
from cilint.source.read import read
from cilint.source.record import NamedTuple
from cilint.source.text import Span, decode

MAX_STEPS: Final = 200

Check = Callable[[bytes], FileResult]
"""What is to say about the bytes of one file."""


class Fixed(NamedTuple):
    """A file after its fixes.

    `applied` are the findings that are gone by them, `refused` those whose fix does not hold: it would change more than
    it says, or its finding would still be there.
    """

    data: bytes
    applied: tuple[Diagnostic, ...] = ()
    refused: tuple[Diagnostic, ...] = ()


class _Trial(NamedTuple):
    """Bytes after some fixes, and what is to say about them."""

    data: bytes
    result: FileResult


def fix(path: str, data: bytes, check: Check, unsafe: bool = False) -> Fixed:
    """Apply the fixes of a file until there is none left to apply, the safe ones or all. Never raises.

    `path` is what `check` calls the file. Fixes go in together; once they do not hold together, one by one.
    """
    applied: list[Diagnostic] = []
    refused: list[Diagnostic] = []
    one_by_one = False
    result = check(data)
    for _step in range(MAX_STEPS):
        wanted = [each for each in result.diagnostics if _applicable(each, path, unsafe) and not _among(each, refused)]
        wanted.sort(key=lambda each: each.fix is not None and each.fix.safety != "safe")
        together = wanted[:1] if one_by_one else list(compatible(wanted))
        if not together:
            break
        trial = _tried(path, data, together, result, check)
        if trial is not None:
            applied.extend(together)
            data, result = trial
        elif len(together) == 1:
            refused.extend(together)
        else:
            one_by_one = True
    return Fixed(data, tuple(applied), tuple(refused))


def _applicable(each: Diagnostic, path: str, unsafe: bool) -> bool:
    allowed: tuple[Safety, ...] = ("safe", "unsafe") if unsafe else ("safe",)
    return (
        each.fix is not None
        and bool(each.fix.edits)
        and each.fix.safety in allowed
        and all(edit.place.path == path for edit in each.fix.edits)
    )


def _among(each: Diagnostic, refused: list[Diagnostic]) -> bool:
    """Whether a finding is one of these, as far as can be told when lines have moved."""
    return any((_said(each), each.keys, each.lines) == (_said(other), other.keys, other.lines) for other in refused)


def _said(each: Diagnostic) -> tuple[str, str]:
    return each.rule, each.message


def compatible(wanted: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings whose fixes touch no text that another one's before them touches; others wait for the next step."""
    taken: list[Span] = []
    for each in wanted:
        spans = [each.span for each in changes(each)]
        if not any(_clash(span, other) for span in spans for other in taken):
            taken.extend(spans)
            yield each


def _clash(one: Span, other: Span) -> bool:
    """Whether two ranges overlap, or one is an insertion at or in the other."""
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def changes(each: Diagnostic) -> list[Edit]:
    """The edits of a finding's fix, in offsets of the file's text."""
    edits = each.fix.edits if each.fix else ()
    return [Edit(Span(edit.place.start, edit.place.end), edit.text.replace("\r\n", "\n")) for edit in edits]


def _tried(path: str, data: bytes, together: list[Diagnostic], before: FileResult, check: Check) -> _Trial | None:
    """The file with these fixes, or None where they do not do what they say and nothing else."""
    text = decode(data)
    edits = sorted(edit for each in together for edit in changes(each))
    try:
        new = apply(text, edits)
    except (EditConflict, UnicodeEncodeError):
        return None
    if new == data or unintended(read(text, path), read(decode(new), path), edits):
        return None
    result = check(new)
    left = Counter(map(_said, before.diagnostics)) - Counter(map(_said, together))
    still = Counter(map(_said, result.diagnostics))
    if result.kind != before.kind or any(still[_said(each)] > left[_said(each)] for each in together):
        return None
    return _Trial(new, result)


def unintended(before: Document, after: Document, edits: list[Edit]) -> str:
    """What the edits changed beyond their own text, in words; empty when nothing.

    Every scalar that no edit touches must stand where it stood, with the same value, under the same keys and lists;
    every new one must lie in new text; and the reader must have no more to complain of than before.
    """
    complaints = Counter(problem.code for problem in after.problems) - Counter(
        problem.code for problem in before.problems
    )
    if complaints:
        return f"the reader complains: {', '.join(complaints)}"
    if not before.roots:
        return ""  # what could not be read before has no values to keep
    shift = _Shift(before, edits)
    old = {where: what for root in before.roots for where, what in shift.old(root)}
    new = {node.start: _what(node, above) for root in after.roots for node, above in _scalars(root, ())}
    for where, what in old.items():
        if what and new.get(where) != what:
            return f"the value at offset {where} is not what it was"
    for where in new.keys() - old.keys():
        if not shift.is_new(where):
            return f"there is a value at offset {where} that was not there"
    return ""


class _Shift:
    """Where what stood in the old text stands in the new one."""

    def __init__(self, before: Document, edits: list[Edit]) -> None:
        self.edits = edits
        self.gains = [len(edit.replacement.replace("\n", before.text.line_end)) for edit in edits]

    def moved(self, offset: int) -> int:
        """The new offset of an old one that no edit covers; the start of an edit for one that it covers."""
        by = 0
        for edit, gain in zip(self.edits, self.gains, strict=True):
            if edit.span.end <= offset and edit.span.start < offset:
                by += gain - (edit.span.end - edit.span.start)
            elif edit.span.start == edit.span.end == offset:
                by += gain
            elif edit.span.start < offset:
                return edit.span.start + by
        return offset + by

    def touched(self, node: Scalar) -> bool:
        """Whether an edit changes the scalar, or stands beside it where nothing marks its end."""
        if any(edit.span.start < node.end and node.start < edit.span.end for edit in self.edits):
            return True
        return not node.quoted and any(
            edit.span.start <= node.end and node.start <= edit.span.end for edit in self.edits
        )

    def is_new(self, offset: int) -> bool:
        """Whether an offset of the new text lies in or at text that an edit wrote."""
        by = 0
        for edit, gain in zip(self.edits, self.gains, strict=True):
            start = edit.span.start + by
            if start - 1 <= offset <= start + gain:
                return True
            by += gain - (edit.span.end - edit.span.start)
        return False

    def old(self, root: Node) -> Iterator[tuple[int, tuple[object, ...]]]:
        """The scalars of the old tree where they must stand in the new one; of those that an edit touches, no more."""
        for node, above in _scalars(root, ()):
            what = () if self.touched(node) else _what(node, tuple(map(self._step, above)))
            yield self.moved(node.start), what

    def _step(self, step: object) -> object:
        return self.moved(step) if isinstance(step, int) else step


def _what(node: Scalar, above: tuple[object, ...]) -> tuple[object, ...]:
    return node.value, node.style, node.tag, above


def _scalars(node: Node, above: tuple[object, ...]) -> Iterator[tuple[Scalar, tuple[object, ...]]]:
    """Every scalar with what it lies under: for an entry the offset of its key, for a list's item a mark."""
    if isinstance(node, Scalar):
        yield node, above
    elif isinstance(node, Mapping):
        for entry in node.entries:
            if not entry.merged:
                yield from _scalars(entry.key, (*above, "key"))
                yield from _scalars(entry.value, (*above, entry.key.start))
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _scalars(item, (*above, "item"))

"""Words, redirection targets and expansions, from the grammar's nodes; the statements around them are in `reader`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from cilint.shell import script as sh
from cilint.shell.quoting import unescape_ansi, unescape_double, unescape_word
from cilint.shell.script import Assignment, Condition, Pipe
from cilint.shell.words import ARITHMETIC, ARRAY, COMMAND, DOUBLE, EXPANSION, GLOB, LITERAL, PROCESS, SINGLE, Part, Word
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple
from cilint.source.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node

_WIDE: Final = lazy(r"[^\x00-\x7f]")
_SUBSTITUTIONS: Final = frozenset(("command_substitution", "process_substitution"))


class Around(NamedTuple):
    """What a statement stands in. `by_errexit`: its failure counts only because `set -e` holds."""

    conditions: tuple[Condition, ...] = ()
    inside: tuple[str, ...] = ()
    function: str = ""
    failure: str = sh.COUNTS
    by_errexit: bool = False
    pipe: Pipe | None = None

    def within(self, what: str) -> Around:
        return self._replace(inside=(*self.inside, what), pipe=None)

    def under(self, *conditions: Condition) -> Around:
        return self._replace(conditions=self.conditions + conditions, pipe=None)

    def failing(self, failure: str) -> Around:
        return self._replace(failure=failure, by_errexit=False, pipe=None)


class Wording:
    """A script's text, addressed in code points, and its words."""

    __slots__ = ("errors", "source", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        # The grammar's scanner looks characters up in a table that ends at 255, and what lies beyond can crash it. To
        # bash any such character is a letter of a word and of no name, as `%` is: one byte for each code point.
        self.source = (text if text.isascii() else _WIDE.sub("%", text)).encode("ascii")
        self.errors: list[Span] = []

    @abstractmethod
    def apart(self, node: Node, around: Around) -> object:
        """Read the statements of a substitution."""

    def start(self, node: Node) -> int:
        """The first code point of the node, without the blanks that the grammar counts to some tokens."""
        at, end = node.start_byte, node.end_byte
        while at < end and self.text[at] in " \t\r\n":
            at += 1
        return at

    def end(self, node: Node) -> int:
        return node.end_byte

    def raw(self, node: Node) -> str:
        return self.text[self.start(node) : self.end(node)]

    def find_errors(self, node: Node) -> None:
        stack = [node]
        while stack:
            node = stack.pop()
            if node.is_error or node.is_missing:
                self.errors.append(Span(self.start(node), self.end(node)))
            elif node.has_error:
                stack.extend(reversed(node.children))

    def words(self, nodes: Sequence[Node], around: Around, assignments: Sequence[Assignment] = ()) -> tuple[Word, ...]:
        """One word for each run of nodes without a blank between them; `assignments` among them are read already."""
        read_already = {assignment.start: assignment for assignment in assignments}
        runs: list[list[Node]] = []
        for node in nodes:
            if node.start_byte == node.end_byte:
                continue
            if runs and runs[-1][-1].end_byte == self.start(node) and _joins(runs[-1][-1], node):
                runs[-1].append(node)
            else:
                runs.append([node])
        return tuple(
            self.assigning(read_already[self.start(run[0])])
            if run[0].type == "variable_assignment"
            else self.word(run, around)
            for run in runs
        )

    def assigning(self, assignment: Assignment) -> Word:
        """The word `name=value` of an `export` or `local`."""
        start, end, value = assignment.start, assignment.end, assignment.value
        equals = value.start if value else end
        name = Part(LITERAL, start, equals, self.text[start:equals])
        return Word(self.text[start:end], start, end, (name, *(value.parts if value else ())))

    def word(self, nodes: Sequence[Node], around: Around) -> Word:
        start, end = self.start(nodes[0]), self.end(nodes[-1])
        parts = tuple(part for node in nodes for part in self.parts(node, False, around))
        return Word(self.text[start:end], start, end, parts)

    def parts(self, node: Node, quoted: bool, around: Around) -> tuple[Part, ...]:
        kind, start, end = node.type, self.start(node), self.end(node)
        raw = self.text[start:end]
        match kind:
            case "command_name" | "concatenation" | "translated_string" if node.children:
                return tuple(part for child in node.children for part in self.parts(child, quoted, around))
            case "string":
                return self.string(node, around)
            case "raw_string":
                return (Part(SINGLE, start, end, raw[1:-1], quoted=quoted),)
            case "ansi_c_string":
                return (Part(SINGLE, start, end, unescape_ansi(raw[2:-1]), quoted=quoted),)
            case "simple_expansion" | "expansion":
                names = self.variables(node)
                self.substitutions(node, around)
                return (Part(EXPANSION, start, end, raw, names[0] if names else "", names, quoted),)
            case "command_substitution":
                self.apart_within(node, around)
                return (Part(COMMAND, start, end, raw, quoted=quoted),)
            case "process_substitution":
                self.apart_within(node, around.failing(sh.SUBSTITUTED))
                return (Part(PROCESS, start, end, raw, quoted=quoted),)
            case "arithmetic_expansion":
                self.substitutions(node, around)
                return (Part(ARITHMETIC, start, end, raw, names=self.variables(node), quoted=quoted),)
            case "array":
                self.substitutions(node, around)
                return (Part(ARRAY, start, end, raw, names=self.variables(node)),)
        if node.named_child_count and raw != "":
            # A shape of no interest here (`$"…"`, a pattern with expansions): what is dynamic in it is kept.
            inner = tuple(part for child in node.named_children for part in self.parts(child, quoted, around))
            if any(part.kind not in (LITERAL, GLOB, SINGLE, DOUBLE) for part in inner):
                return inner
        value, is_glob = unescape_word(raw)
        return (Part(GLOB if is_glob else LITERAL, start, end, value, quoted=quoted),)

    def string(self, node: Node, around: Around) -> tuple[Part, ...]:
        """`"…"`: the grammar names the expansions; all between them is literal text, the blanks included."""
        found: list[Part] = []
        at = self.start(node) + 1
        close = self.end(node) - 1
        for child in node.children:
            if child.is_named and child.type not in ("string_content",):
                start = self.start(child)
                if start > at:
                    found.append(self.quoted_text(at, start))
                found.extend(self.parts(child, True, around))
                at = self.end(child)
        if close > at or not found:
            found.append(self.quoted_text(at, max(at, close)))
        return tuple(found)

    def quoted_text(self, start: int, end: int) -> Part:
        return Part(DOUBLE, start, end, unescape_double(self.text[start:end]), quoted=True)

    def variables(self, node: Node) -> tuple[str, ...]:
        """The names of the variables read below a node, without those that a command inside it reads."""
        found: list[str] = []
        stack = [node]
        while stack:
            at = stack.pop()
            if at.type in ("variable_name", "special_variable_name"):
                found.append(self.raw(at))
            elif at.type not in _SUBSTITUTIONS:
                stack.extend(reversed(at.children))
        return tuple(found)

    def substitutions(self, node: Node, around: Around) -> None:
        """The commands of the substitutions below a node."""
        stack = list(reversed(node.children)) if node.type not in _SUBSTITUTIONS else [node]
        while stack:
            at = stack.pop()
            if at.type in _SUBSTITUTIONS:
                self.apart_within(at, around)
            else:
                stack.extend(reversed(at.children))

    def apart_within(self, node: Node, around: Around) -> None:
        if around.inside[-1:] != (sh.SUBSTITUTION,):
            around = around._replace(inside=(*around.inside, sh.SUBSTITUTION))
        self.apart(node, around._replace(pipe=None))


def _joins(left: Node, right: Node) -> bool:
    """Whether two nodes that touch are one word; operators of a test stand for themselves."""
    return left.type in ("$", *_WORDLIKE) and right.type in _WORDLIKE


_WORDLIKE: Final = (
    "ansi_c_string",
    "arithmetic_expansion",
    "brace_expression",
    "command_substitution",
    "concatenation",
    "expansion",
    "extglob_pattern",
    "number",
    "process_substitution",
    "raw_string",
    "simple_expansion",
    "string",
    "word",
)

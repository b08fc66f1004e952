"""From the grammar's tree to the commands of a `Script`. `terms`, `wording` and this know its shapes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Final

from cilint.shell import script as sh
from cilint.shell.grammar import root
from cilint.shell.prefixes import unwrap
from cilint.shell.script import Assignment, Condition, Heredoc, Pipe, Redirect, Script, SimpleCommand, Status
from cilint.shell.terms import REDIRECTS, Element, Term, statements_of, terms_of
from cilint.shell.wording import Around, Wording
from cilint.shell.words import Part, Word
from cilint.source.record import NamedTuple
from cilint.source.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node

# What nests deeper or strings together more is reported as unreadable: nobody writes it, and Python's stack ends.
_DEEPEST: Final = 40
_LONGEST: Final = 200
_EXITS: Final = "exits"
_FAILS: Final = "fails"
_LEAVING: Final = frozenset(("exit", "return", "break", "continue"))
_SUCCEEDING: Final = frozenset(("true", ":", "echo", "printf"))
_COMMANDS: Final = frozenset(
    (
        "command",
        "declaration_command",
        "test_command",
        "unset_command",
        "variable_assignment",
        "variable_assignments",
    )
)


class _Outcome(NamedTuple):
    """A statement's status, what holds wherever the flow goes on behind it, and whether it never does."""

    status: Status
    gates: tuple[Condition, ...] = ()
    leaves: bool = False


_NOTHING: Final = _Outcome(sh.Opaque(()))


def read(text: str) -> Script:
    """The commands of a script, in the order of their first characters."""
    reader = _Reader(text)
    if len(text.strip()) == 0:
        return Script(text, (), (), ())
    top = root(reader.source)
    reader.find_errors(top)
    try:
        outcome = reader.sequence(top.children, Around())
    except RecursionError:
        return Script(text, (), (), (Span(0, len(text)),))
    commands = tuple(sorted(reader.commands, key=lambda command: (command.start, -command.end)))
    after = outcome.gates
    if reader.last is not None:
        after = (*after, reader.last)
    return Script(text, commands, after, tuple(reader.errors), tuple(reader.loops))


class _Reader(Wording):
    __slots__ = ("commands", "depth", "errexit", "last", "loops", "pipefail")

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.commands: list[SimpleCommand] = []
        self.loops: list[Assignment] = []
        self.last: Condition | None = None
        self.depth = 0
        self.errexit = False
        self.pipefail = False

    def condition(self, status: Status, holds: bool, first: Node, last: Node) -> Condition:
        start, end = self.start(first), self.end(last)
        return Condition(status, holds, self.text[start:end], start, end)

    # Statements

    def sequence(self, nodes: Iterable[Node], around: Around) -> _Outcome:
        """Statements one after the other: children of a program, a branch, a loop's body, a group."""
        statements = statements_of(nodes)
        self.depth += 1
        outcome = _NOTHING
        gates: tuple[Condition, ...] = ()
        leaves = False
        top = self.depth == 1
        if self.depth > _DEEPEST and statements:
            self.errors.append(Span(self.start(statements[0][0]), self.end(statements[-1][0])))
            statements = []
        for index, (node, background) in enumerate(statements):
            is_last = index == len(statements) - 1
            here = around.under(*gates)
            if background:
                here = here.failing(sh.BACKGROUND)
            elif not is_last:
                here = here._replace(by_errexit=True) if self.errexit else here.failing(sh.UNCHECKED)
            outcome = self.statement(node, here)
            gates += outcome.gates
            if background:
                continue
            leaves = leaves or outcome.leaves
            if is_last and top:
                self.last = self.condition(outcome.status, True, node, node)
            elif self.errexit and not is_last and _is_test(outcome.status):
                gates += (self.condition(outcome.status, True, node, node),)
        self.depth -= 1
        return _Outcome(outcome.status, gates, leaves)

    def statement(self, node: Node, around: Around) -> _Outcome:
        terms = terms_of(node)
        if len(terms) == 1:
            return self.term(terms[0], around)
        if not terms or len(terms) > _LONGEST:
            self.errors.append(Span(self.start(node), self.end(node)))
            return _NOTHING
        return self.chain(terms, around)

    def chain(self, terms: Sequence[Term], around: Around) -> _Outcome:
        """`a && b || c`: equal precedence, from the left."""
        caught = [self.catches(term) for term in terms]
        first = terms[0].elements[0].node
        outcome = self.term(terms[0], around.failing(self.fate(0, terms, caught, around)))
        status, gates, leaves = outcome
        for index, term in enumerate(terms[1:], 1):
            so_far = self.condition(status, term.operator == "&&", first, terms[index - 1].elements[-1].node)
            fate = self.fate(index, terms, caught, around)
            by_errexit = around.by_errexit and index == len(terms) - 1
            outcome = self.term(term, around.under(so_far)._replace(failure=fate, by_errexit=by_errexit))
            if outcome.leaves:
                gates += (so_far._replace(holds=not so_far.holds),)
            join = sh.Both if term.operator == "&&" else sh.Either
            status = join(status, outcome.status)
        return _Outcome(status, gates, leaves)

    def fate(self, index: int, terms: Sequence[Term], caught: Sequence[str], around: Around) -> str:
        """What becomes of a failure of the term: `caught` by the next `||`, else it is the whole list's."""
        for term, how in zip(terms[index + 1 :], caught[index + 1 :], strict=True):
            if term.operator == "||" and how == _EXITS:
                return sh.COUNTS if around.failure == sh.UNCHECKED else around.failure
            if term.operator == "||":
                return around.failure if how == _FAILS else how
        if around.by_errexit and index < len(terms) - 1 and not around.failure:
            return sh.UNCHECKED  # `set -e` looks only at the last of a list
        return around.failure

    def catches(self, term: Term) -> str:
        """What a term after `||` makes of the failure before it: OR_TRUE, OR_ELSE, _EXITS or _FAILS."""
        node = term.elements[-1].node
        while node.type in ("compound_statement", "subshell"):
            last = [statement for statement, _ in statements_of(node.children)][-1:]
            if not last or last[0].type in ("list", "pipeline"):
                return sh.OR_ELSE
            node = terms_of(last[0])[-1].elements[-1].node
        words = self.raw(node).split() if node.type == "command" else []
        match words:
            case ["exit" | "return", "0"]:
                return sh.OR_TRUE
            case ["exit", *_]:
                return _EXITS
            case ["false" | "return", *_]:
                return _FAILS
            case [name, *_] if name in _SUCCEEDING:
                return sh.OR_TRUE
        return sh.OR_ELSE

    def term(self, term: Term, around: Around) -> _Outcome:
        if term.negated:
            around = around.failing(sh.NEGATED)
        if len(term.elements) == 1:
            outcome = self.element(term.elements[0], around)
        else:
            outcome = _Outcome(self.pipeline(term.elements, around))
        if term.negated:
            return outcome._replace(status=sh.Inverse(outcome.status))
        return outcome

    def pipeline(self, elements: Sequence[Element], around: Around) -> Status:
        start, length = self.start(elements[0].node), len(elements)
        reads: list[str] = []
        for index, element in enumerate(elements):
            here = around if index == length - 1 or self.pipefail else around.failing(sh.PIPED)
            before = len(self.commands)
            with_errexit = self.errexit
            self.element(element, here._replace(pipe=Pipe(start, index, length)))
            self.errexit = with_errexit
            reads += [name for command in self.commands[before:] for name in command.reads]
        return sh.Opaque(tuple(reads))

    def element(self, element: Element, around: Around) -> _Outcome:
        node = element.node
        if node.type in _COMMANDS or (node.type == "compound_statement" and node.children[0].type == "(("):
            return self.command(element, around)
        for redirect in element.redirects:
            self.redirect(redirect, around)
        match node.type:
            case "if_statement":
                return self.branches(node, around)
            case "while_statement":
                return self.loop(node, around)
            case "for_statement" | "c_style_for_statement":
                return self.each(node, around)
            case "case_statement":
                return self.case(node, around)
            case "compound_statement":
                return self.sequence(node.children, around.within(sh.GROUP))
            case "subshell":
                return self.subshell(node, around)
            case "function_definition":
                return self.function(node)
            case "list" | "pipeline" | "redirected_statement" | "negated_command":
                return self.statement(node, around)
            case "file_redirect":
                return self.command(Element(node, (node,)), around)
        return _NOTHING

    def branches(self, node: Node, around: Around) -> _Outcome:
        """if, elif, else. `failed` are the questions that had to be answered with no on the way to a branch."""
        gates: tuple[Condition, ...] = ()
        failed: tuple[Condition, ...] = ()
        all_leave, has_else = True, False
        for clause in (node, *(child for child in node.children if child.type in ("elif_clause", "else_clause"))):
            question, body = _question(clause)
            here = around.under(*failed)
            held = failed
            has_else = not question
            if question:
                status = self.sequence(question, here.failing(sh.CONDITION)).status
                asked = self.condition(status, True, question[0], question[-1])
                held = (*failed, asked)
                failed = (*failed, asked._replace(holds=False))
            outcome = self.sequence(body, around.under(*held).within(sh.BRANCH))
            all_leave = all_leave and outcome.leaves
            if outcome.leaves:
                gates += (_never(held),)
        return _Outcome(sh.Opaque(()), gates, all_leave and has_else)

    def loop(self, node: Node, around: Around) -> _Outcome:
        question, body = _question(node)
        if question:
            status = self.sequence(question, around.failing(sh.CONDITION)).status
            holds = node.children[0].type != "until"
            around = around.under(self.condition(status, holds, question[0], question[-1]))
        self.rounds(body, around)
        return _NOTHING

    def each(self, node: Node, around: Around) -> _Outcome:
        name = node.child_by_field_name("variable")
        values = [] if name is None else node.children_by_field_name("value")
        if name is not None and values:
            word = self.word(values, around.failing(sh.SUBSTITUTED))
            self.loops.append(Assignment(self.raw(name), word, self.start(name), word.end))
        for child in node.children:
            if child.type == "do_group":
                self.rounds(child.children, around)
            elif child not in values:
                self.substitutions(child, around.failing(sh.SUBSTITUTED))
        return _NOTHING

    def rounds(self, body: Iterable[Node], around: Around) -> None:
        here = around.within(sh.LOOP)
        if not self.errexit and not here.failure:
            here = here.failing(sh.LOOPED)
        self.sequence(body, here)

    def case(self, node: Node, around: Around) -> _Outcome:
        subject = node.child_by_field_name("value")
        if subject is None:
            return _NOTHING
        word = self.word((subject,), around.failing(sh.SUBSTITUTED))
        gates: tuple[Condition, ...] = ()
        failed: tuple[Condition, ...] = ()
        for item in node.children:
            if item.type != "case_item":
                continue
            values = [child for index, child in enumerate(item.children) if item.field_name_for_child(index) == "value"]
            body = item.children[_after_paren(item) :]
            patterns = tuple(self.word((value,), around) for value in values)
            text = f"case {word.raw} in {'|'.join(pattern.raw for pattern in patterns)})"
            asked = Condition(sh.Matches(word, patterns), True, text, self.start(item), self.end(item))
            held = (*failed, asked)
            failed = (*failed, asked._replace(holds=False))
            if self.sequence(body, around.under(*held).within(sh.BRANCH)).leaves:
                gates += (_never(held),)
        return _Outcome(sh.Opaque(word.names), gates)

    def subshell(self, node: Node, around: Around) -> _Outcome:
        return _Outcome(self.apart(node, around.within(sh.SUBSHELL)))

    def apart(self, node: Node, around: Around) -> Status:
        """The inside of `( )` or `$( )`: what it sets or leaves ends with it."""
        errexit, pipefail = self.errexit, self.pipefail
        outcome = self.sequence(node.children, around)
        self.errexit, self.pipefail = errexit, pipefail
        return outcome.status if not outcome.gates and not outcome.leaves else sh.Opaque(_reads(outcome.gates))

    def function(self, node: Node) -> _Outcome:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is not None and body is not None:
            around = Around(inside=(sh.FUNCTION,), function=self.raw(name))
            errexit, pipefail = self.errexit, self.pipefail
            self.element(Element(body), around)
            self.errexit, self.pipefail = errexit, pipefail
        return _NOTHING

    # Commands

    def command(self, element: Element, around: Around) -> _Outcome:
        node = element.node
        if any(part.has_error and part.type != "heredoc_redirect" for part in (node, *element.redirects)):
            return _NOTHING
        parts = [child for child in node.children if node.type not in ("variable_assignment", "file_redirect")]
        attached = [child for child in parts if child.type in REDIRECTS]
        assigning = [child for child in parts if child.type == "variable_assignment"]
        if node.type == "variable_assignment":
            assigning = [node]
        substituted = around.failing(sh.SUBSTITUTED)
        bare = node.type in ("variable_assignment", "variable_assignments")
        assignments = tuple(
            self.assignment(child, around if bare and child == assigning[-1] else substituted) for child in assigning
        )
        nodes = [child for child in parts if child not in attached]
        if node.type == "command":
            nodes = [child for child in nodes if child.type != "variable_assignment"]
        elif node.type in ("test_command", "compound_statement"):
            nodes = [leaf for child in nodes for leaf in _test_words(child)]
        elif bare:
            nodes = []
        redirects, more = self.redirections((*attached, *element.redirects), substituted)
        words = (*self.words(nodes, substituted, assignments), *more)
        name, prefixes, own, moved = unwrap(words)
        last = element.redirects[-1] if element.redirects else node
        end = max(self.end(node), redirects[-1].end if redirects and last.type != "heredoc_redirect" else 0)
        command = SimpleCommand(
            name,
            own,
            prefixes,
            (*assignments, *moved),
            redirects,
            min(self.start(node), *(redirect.start for redirect in redirects), self.start(node)),
            max(end, words[-1].end if more else 0),
            around.conditions,
            around.inside,
            around.function,
            around.failure,
            around.pipe,
            self.errexit,
        )
        self.commands.append(command)
        self.set_options(command)
        return _Outcome(sh.Ran(command), leaves=name in _LEAVING)

    def set_options(self, command: SimpleCommand) -> None:
        """`set -e`, `set -euo pipefail`, `set +e`; not where it is set for a subshell that is a pipe's element."""
        if command.name != "set":
            return
        words = [word.text or "" for word in command.args]
        for index, word in enumerate(words):
            on, flags = word.startswith("-"), word[1:]
            if not on and not word.startswith("+"):
                continue
            if "e" in flags and not flags.startswith("-"):
                self.errexit = on
            if flags.endswith("o"):
                name = words[index + 1] if index + 1 < len(words) else ""
                if name == "errexit":
                    self.errexit = on
                elif name == "pipefail":
                    self.pipefail = on

    def assignment(self, node: Node, around: Around) -> Assignment:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        word = None if value is None else self.word((value,), around)
        return Assignment(self.raw(name) if name else "", word, self.start(node), self.end(node))

    def redirections(self, nodes: Iterable[Node], around: Around) -> tuple[tuple[Redirect, ...], tuple[Word, ...]]:
        """The redirections, and the arguments that stand behind them (`foo > x bar` has the argument bar)."""
        found: list[Redirect] = []
        more: list[Word] = []
        for node in nodes:
            redirect, words = self.redirect(node, around)
            found.append(redirect)
            more.extend(words)
        found.sort(key=lambda redirect: redirect.start)
        return tuple(found), tuple(more)

    def redirect(self, node: Node, around: Around) -> tuple[Redirect, tuple[Word, ...]]:
        operator = descriptor = ""
        targets: list[Node] = []
        for child in node.children:
            if child.type == "file_descriptor":
                descriptor = self.raw(child)
            elif not child.is_named and not operator:
                operator = self.raw(child)
            elif child.type in ("heredoc_start", "heredoc_body", "heredoc_end") or child.type in REDIRECTS:
                continue
            elif (child.is_named and node.type != "heredoc_redirect") or node.field_name_for_child(
                node.children.index(child)
            ) == "argument":
                targets.append(child)
        words = self.words(targets, around)
        if node.type == "heredoc_redirect":
            heredoc = self.heredoc(node, around)
            redirect = Redirect(operator, descriptor, None, heredoc, self.start(node), heredoc.end)
            return redirect, words
        start = self.start(node)
        end = words[0].end if words else self.end(node)
        return Redirect(operator, descriptor, words[0] if words else None, None, start, end), words[1:]

    def heredoc(self, node: Node, around: Around) -> Heredoc:
        written, body, end = "", None, self.end(node)
        line_end = self.start(node)
        for child in node.children:
            if child.type == "heredoc_start":
                written = self.raw(child)
            if child.type == "heredoc_body":
                body = child
            elif child.type == "heredoc_end":
                end = self.start(child)
            else:
                line_end = self.end(child)
        delimiter = written.replace("\\", "").strip("'\"")
        quoted = delimiter != written
        # The grammar begins the body at its first character that is no blank.
        start = min(self.text.find("\n", line_end) + 1 or end, end)
        parts: tuple[Part, ...] = ()
        if body is not None and not quoted:
            inner = around._replace(inside=(*around.inside, sh.HEREDOC))
            parts = tuple(
                part
                for child in body.children
                if child.type != "heredoc_content"
                for part in self.parts(child, True, inner)
            )
        return Heredoc(delimiter, quoted, self.text[start:end], start, end, parts)


def _question(node: Node) -> tuple[list[Node], list[Node]]:
    """The condition's statements and the body of an if, elif, else, while or until."""
    question: list[Node] = []
    body: list[Node] = []
    target = body if node.type == "else_clause" else question
    for child in node.children:
        if child.type == "then":
            target = body
        elif child.type == "do_group":
            return question, child.children
        elif child.type not in ("elif_clause", "else_clause", "comment") and (child.is_named or child.type == "&"):
            target.append(child)
    return question, body


def _after_paren(item: Node) -> int:
    return next((index + 1 for index, child in enumerate(item.children) if child.type == ")"), len(item.children))


def _never(held: tuple[Condition, ...]) -> Condition:
    """That not all of these held: what is known behind a branch that never comes back."""
    parts = [condition.status if condition.holds else sh.Inverse(condition.status) for condition in held]
    if not parts:
        return Condition(sh.Opaque(()), False, "", 0, 0)
    status = reduce(sh.Both, parts)
    return Condition(status, False, held[-1].text, held[-1].start, held[-1].end)


def _reads(conditions: Iterable[Condition]) -> tuple[str, ...]:
    from cilint.shell.conditions import reads

    return tuple(sorted(frozenset().union(*(reads(condition.status) for condition in conditions))))


def _is_test(status: Status) -> bool:
    """Whether going on under `set -e` says something about it: not for `a && b`, where only b is looked at."""
    return isinstance(status, sh.Either) or (isinstance(status, sh.Ran) and status.command.name in sh.TESTS)


def _test_words(node: Node) -> list[Node]:
    """The words of `[ … ]`, `[[ … ]]` and `(( … ))`, which the grammar reads as expressions."""
    if node.type.endswith("_expression") or node.type == "parenthesized_expression":
        return [leaf for child in node.children for leaf in _test_words(child)]
    return [node]

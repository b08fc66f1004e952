"""The analysis of one file: a pure function of its bytes, the rules and its neighbourhood. Nothing raises out of it."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from cilint.catalog.secrets import conceal_credentials
from cilint.core.context import Context, EmptyTree, Known, Tree
from cilint.core.finding import Finding, Fix, Related, Replacement
from cilint.core.rewrite import in_other_text
from cilint.core.rule import CheckReference, Rule
from cilint.core.schema import tagged
from cilint.engine.declare import declared
from cilint.engine.fingerprint import anchor, keys
from cilint.engine.result import Diagnostic, Edit, FileResult, Note, PlacedFix, lines_of, place
from cilint.engine.settings import Waiver
from cilint.model.kinds import recognise
from cilint.model.subjects import MODULES, subjects, units
from cilint.model.unit import Unit
from cilint.model.view import View
from cilint.source.nodes import Document, Problem
from cilint.source.read import read
from cilint.source.record import NamedTuple
from cilint.source.text import Span, Text, decode

MAX_BYTES = 10_000_000
MAX_SECONDS = 20.0
INTERNAL_ERROR = "internal-error"
_OWN = Rule("CI005", INTERNAL_ERROR, "a rule crashed", "correctness", "error", "high", "regular", ("file",))
LOOP = "Fn::ForEach"
MARK = "cilint"  # what a file without suppressions does not hold

Options = Mapping[str, dict[str, Any]]
_NO_OPTIONS: Options = {}
_NO_NAMES = Known()


class Found(NamedTuple):
    """A rule's finding, its spans already in the file's own text."""

    rule: Rule
    finding: Finding


def analyze(
    path: str,
    data: bytes,
    rules: Iterable[Rule],
    tree: Tree,
    options: Options = _NO_OPTIONS,
    names: Known = _NO_NAMES,
    waivers: tuple[Waiver, ...] = (),
) -> FileResult:
    """Check one file.

    `path` is shown in findings and is a hint for its kind; `rules` are the ones that may speak, `options` what they
    were told, by their names, and `names` the user's own. `waivers` are suppressions from outside the file; they and
    its own are found here and not applied. What is not one of ours gives a result without a kind. Never raises: a
    crash of a check becomes an `internal-error` finding.
    """
    prepared = _prepare(rules)
    by_name = prepared.by_name
    text = decode(data)
    if len(data) > MAX_BYTES:
        if "too-complex" not in by_name:
            return FileResult(path, "", False)
        message = f"the file has more than {MAX_BYTES:,} bytes; it is not checked"
        return _placed(path, text, "", [_reader(by_name, "too-complex", Span(0, 0), message)], False)
    try:
        document = read(text, path)
        recognised = recognise(document, path)
        if recognised is None or recognised.kind not in MODULES:
            return FileResult(path, recognised.kind if recognised else "", False)
        parts = units(document, recognised.kind, path, recognised.fragment)
    except Exception as error:
        return _placed(path, text, "", [_crash(by_name, None, Span(0, 1), error)], True)
    found = list(_reader_findings(document, by_name))
    crashed = False
    known = not isinstance(tree, EmptyTree)
    deadline = time.monotonic() + MAX_SECONDS

    def context(rule: Rule, unit: Unit) -> Context:
        return Context(path, tree, options.get(rule.name, {}), known, names, unit.outward is not None)

    for unit, rule, views, failure in _work(parts, prepared):
        if time.monotonic() > deadline:
            found.extend(_too_slow(by_name))
            break
        try:
            if failure is not None:
                raise failure
            for each in _findings(rule, unit, views, context):
                found.append(_outward(unit, rule, each))  # what came before a crash is kept
        except Exception as error:
            crashed = True
            found.append(_outward(unit._replace(fragment=False), *_crash(by_name, rule, unit.view.span, error)))
    for unit in parts:
        found.extend(_embedded_findings(unit, by_name))
    result = _placed(path, text, recognised.kind, _in_order(found, document), crashed, document)
    if waivers or MARK in text.content:
        from cilint.engine.suppress import find

        return result._replace(suppressions=find(path, document, waivers))
    return result


def _findings(
    rule: Rule, unit: Unit, views: tuple[View, ...], context: Callable[[Rule, Unit], Context]
) -> Iterator[Finding]:
    """The findings of one rule in one unit, spans in the unit's own text. What a check raises comes through."""
    if rule.declaration is not None:
        unknown, whole = unit.unknown or tagged, not unit.fragment
        yield from declared(rule.declaration, unit.view.node, unknown, unit.spelling, whole)
    if rule.check is not None and views:
        function = load_check(rule.check)
        extra = (context(rule, unit),) if len(rule.check.parameters) > 1 else ()
        for view in views:
            yield from function(view, *extra)


class _Prepared(NamedTuple):
    """Rules by name; for each kind, those that are asked about a unit, by the structures that their checks look at.

    Rules without a check stand under the empty name.
    """

    rules: tuple[Rule, ...]
    by_name: dict[str, Rule]
    by_kind: dict[str, dict[str, list[Rule]]]


_last: list[_Prepared] = []


def _prepare(rules: Iterable[Rule]) -> _Prepared:
    """The rules of a run, sorted out once: a run hands the same tuple over with every file."""
    if _last and _last[0].rules is rules:
        return _last[0]
    by_name = {rule.name: rule for rule in rules}
    by_kind: dict[str, dict[str, list[Rule]]] = {}
    for rule in by_name.values():
        subject = rule.check.parameters[0] if rule.check else ""
        for kind in rule.kinds:
            by_kind.setdefault(kind, {}).setdefault(subject, []).append(rule)
    _last[:] = [_Prepared(rules if isinstance(rules, tuple) else (), by_name, by_kind)]
    return _last[0]


@cache
def load_check(reference: CheckReference) -> Callable[..., Iterable[Finding]]:
    """The function of a check; its module is imported only now."""
    if reference.module.endswith(".py"):
        from cilint.engine.extensions import load_module

        module = load_module(reference.module)
    else:
        module = importlib.import_module(reference.module)
    function: Callable[..., Iterable[Finding]] = getattr(module, reference.function)
    return function


def _reader_findings(document: Document, by_name: dict[str, Rule]) -> Iterator[Found]:
    for problem in document.problems:
        if problem.code in by_name:
            related = tuple(Related(*each) for each in problem.related)
            yield _reader(by_name, problem.code, problem.span, problem.message, related, _fix(problem))
    undecodable = document.text.undecodable
    if undecodable and "undecodable-bytes" in by_name:
        many = f" (and {len(undecodable) - 1} more)" if len(undecodable) > 1 else ""
        message = f"this byte is not valid {document.text.encoding.upper()}{many}; save the file as UTF-8"
        yield _reader(by_name, "undecodable-bytes", Span(undecodable[0], undecodable[0] + 1), message)


def _embedded_findings(unit: Unit, by_name: dict[str, Rule]) -> Iterator[Found]:
    """What the reader says of a text inside the file, at its place in the file."""
    for problem in unit.problems:
        if problem.code in by_name:
            related = tuple(Related(*each) for each in problem.related)
            fix = _fix(problem)
            yield _outward(
                unit, by_name[problem.code], Finding(problem.span, problem.message, related=related, fix=fix)
            )


def _fix(problem: Problem) -> Fix | None:
    """What the reader read over, written as it has understood it."""
    if problem.instead is None:
        return None
    span, text = problem.instead
    title = f"{'Write' if span.start == span.end else 'Replace it by'} `{text}`" if text.strip() else "Remove it"
    return Fix(title, "safe", (Replacement(span, text),))


def _reader(
    by_name: dict[str, Rule],
    name: str,
    span: Span,
    message: str,
    related: tuple[Related, ...] = (),
    fix: Fix | None = None,
) -> Found:
    return Found(by_name[name], Finding(span, message, related=related, fix=fix))


def _outward(unit: Unit, rule: Rule, finding: Finding) -> Found:
    """The finding with the spans of the file's own text, its level as low as the unit's certainty asks."""
    if unit.fragment:
        finding = finding._replace(severity="note", confidence="low")
    if unit.outward is not None:
        outward = unit.outward
        finding = finding._replace(
            span=outward(finding.span),
            related=tuple(
                each if each.file is not None else each._replace(span=outward(each.span)) for each in finding.related
            ),
            fix=finding.fix and unit.verbatim and in_other_text(finding.fix, unit.verbatim, unit.block),
        )
    return Found(rule, finding)


def _work(
    parts: Iterable[Unit], prepared: _Prepared
) -> Iterator[tuple[Unit, Rule, tuple[View, ...], Exception | None]]:
    """Each unit with each rule that has something to look at there, and what; or why that could not be found."""
    for unit in parts:
        for subject, rules in prepared.by_kind.get(unit.kind, {}).items():
            views: tuple[View, ...] = ()
            try:
                if subject:
                    views = tuple(subjects(unit.kind)[subject](unit.view))
            except Exception as error:
                yield unit, rules[0], (), error
                continue
            for rule in rules:
                if views or rule.declaration is not None:
                    yield unit, rule, views, None


def _too_slow(by_name: dict[str, Rule]) -> Iterator[Found]:
    if "too-complex" in by_name:
        message = f"checking this file took more than {MAX_SECONDS:g} seconds; some rules have not looked at it"
        yield _reader(by_name, "too-complex", Span(0, 0), message)


def _crash(by_name: dict[str, Rule], rule: Rule | None, span: Span, error: Exception) -> Found:
    """The finding that a rule crashed, or without a rule, that reading the file did."""
    import traceback

    where = traceback.extract_tb(error.__traceback__)[-1]
    who = f"the rule {rule.name} ({rule.id})" if rule else "reading"
    rest = "all other rules ran" if rule else "no rule ran"
    message = (
        f"{who} crashed on this file: {type(error).__name__}: {error} "
        f"({where.name}, line {where.lineno}); {rest}. Please report it with this file"
    )
    at = Span(span.start, min(span.end, span.start + 1))
    return Found(by_name.get(INTERNAL_ERROR) or rule or _OWN, Finding(at, message))


def _in_order(found: list[Found], document: Document) -> list[Found]:
    """One place, one finding: a general rule is silent where a specific one speaks, and of what the turns of a loop
    have wrong the first one's finding stays. Sorted by place."""
    specific = [each.finding.span for each in found if not each.rule.general]
    looped = LOOP in document.text.content
    first: dict[tuple[object, ...], Found] = {}
    for each in found:
        first.setdefault((each.rule.name, each.finding.span if looped else each.finding), each)
    kept = [
        each
        for each in first.values()
        if not (each.rule.general and any(_covers(span, each.finding.span) for span in specific))
    ]
    return sorted(kept, key=lambda each: (each.finding.span, each.rule.id, each.finding.message))


def _covers(specific: Span, general: Span) -> bool:
    return specific.start == general.start or (specific.start <= general.start and general.end <= specific.end)


def _placed(
    path: str, text: Text, kind: str, found: list[Found], crashed: bool, document: Document | None = None
) -> FileResult:
    secrets = [each.finding.span for each in found if each.finding.secret]
    diagnostics = tuple(_diagnostic(path, text, rule, finding, document, secrets) for rule, finding in found)
    return FileResult(path, kind, True, diagnostics, crashed)


def _edit(path: str, text: Text, edit: Replacement, secrets: list[Span]) -> Edit:
    where = place(path, text, edit.span)
    return Edit(where, edit.text, lines_of(text, where, secrets))


def _fixed(path: str, text: Text, fix: Fix, secrets: list[Span]) -> PlacedFix:
    tells = any(_untold(edit.text, text, secrets) != edit.text for edit in fix.edits)
    edits = tuple(_edit(path, text, edit, secrets) for edit in fix.edits)
    return PlacedFix(_untold(fix.title, text, secrets), fix.safety, edits, tells)


def _untold(message: str, text: Text, secrets: list[Span]) -> str:
    """A message without the secrets of the file, should it quote one."""
    for secret in secrets:
        value = text.content[secret.start : secret.end].strip("\"' ")
        if len(value) > 3:
            message = message.replace(value, "***")
    return conceal_credentials(message)


def _diagnostic(
    path: str, text: Text, rule: Rule, finding: Finding, document: Document | None, secrets: list[Span]
) -> Diagnostic:
    where = place(path, text, finding.span)
    return Diagnostic(
        rule.name,
        rule.id,
        finding.severity or rule.severity,
        finding.confidence or rule.confidence,
        _untold(finding.message, text, secrets),
        where,
        lines_of(text, where, secrets),
        tuple(
            Note(place(*(each.file or (path, text)), each.span), _untold(each.message, text, secrets))
            for each in finding.related
        ),
        finding.fix and _fixed(path, text, finding.fix, secrets),
        keys(document, finding.span) if document else "",
        anchor(document, finding.span, rule.name) if document else "",
    )

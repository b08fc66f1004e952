"""Statements brought to one shape: terms joined by `&&` and `||`, each a pipeline of elements with redirections.

The grammar hangs what follows a redirection or a heredoc in several places; behind this module there is only one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from cilint.source.record import NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node

REDIRECTS: Final = frozenset(("file_redirect", "heredoc_redirect", "herestring_redirect"))


class Element(NamedTuple):
    node: Node
    redirects: tuple[Node, ...] = ()


class Term(NamedTuple):
    operator: str
    elements: tuple[Element, ...]
    negated: bool = False


def statements_of(nodes: Iterable[Node]) -> list[tuple[Node, bool]]:
    """The statements among the nodes, each with whether `&` sends it to the background."""
    found: list[tuple[Node, bool]] = []
    for node in nodes:
        if node.type == "&" and found:
            found[-1] = (found[-1][0], True)
        elif node.is_named and node.type not in ("comment", "ERROR", "heredoc_body", "heredoc_end"):
            found.append((node, False))
    return found


def terms_of(node: Node) -> list[Term]:
    match node.type:
        case "list":
            return _list_terms(node)
        case "pipeline":
            inner = [terms_of(child) for child in node.named_children if child.type != "comment"]
            elements = tuple(element for terms in inner for term in terms for element in term.elements)
            return [Term("", elements, bool(inner) and inner[0][0].negated)] if elements else []
        case "negated_command":
            inner_terms = [term for child in node.named_children[:1] for term in terms_of(child)]
            return [term._replace(negated=not term.negated) if not n else term for n, term in enumerate(inner_terms)]
        case "redirected_statement":
            return _redirected_terms(node)
    return [Term("", (Element(node),))]


def _list_terms(node: Node) -> list[Term]:
    found: list[Term] = []
    operator = ""
    for child in node.children:
        if child.type in ("&&", "||"):
            operator = child.type
        elif child.is_named and child.type not in ("comment", "ERROR"):
            found += _joined(operator, terms_of(child))
    return found or [Term("", (Element(node),))]


def _redirected_terms(node: Node) -> list[Term]:
    unread = [child for child in node.children if child.is_error]
    if unread:  # the grammar has lost an operator such as a second `<<<`, and what it gives instead is another one
        return [Term("", (Element(unread[0]),))]
    body = node.child_by_field_name("body")
    redirects = [child for child in node.named_children if child.type in REDIRECTS]
    if body is None:
        return [Term("", (Element(redirects[0], tuple(redirects[1:])),))] if redirects else [Term("", (Element(node),))]
    terms = terms_of(body)
    for redirect in redirects:
        if redirect.type == "heredoc_redirect":
            nested = [child for child in redirect.named_children if child.type in REDIRECTS]
            terms = _with_redirects(terms, (redirect, *nested))
            terms = _heredoc_tail(terms, redirect)
        else:
            terms = _with_redirects(terms, (redirect,))
    return terms


def _with_redirects(terms: list[Term], redirects: tuple[Node, ...]) -> list[Term]:
    """`a && b | c > x`: a redirection belongs to the last command."""
    *before, last = terms
    *elements, element = last.elements
    element = element._replace(redirects=element.redirects + redirects)
    return [*before, last._replace(elements=(*elements, element))]


def _heredoc_tail(terms: list[Term], redirect: Node) -> list[Term]:
    """What stands on the line of a heredoc behind its delimiter: `cat <<EOF | tee x && y`."""
    operator = ""
    for child in redirect.children:
        if child.type in ("&&", "||"):
            operator = child.type
        elif child.type == "pipeline":
            *before, last = terms
            piped = [element for term in terms_of(child) for element in term.elements]
            terms = [*before, last._replace(elements=(*last.elements, *piped))]
        elif operator and child.is_named and child.type not in ("heredoc_body", "heredoc_end", "comment"):
            terms = [*terms, *_joined(operator, terms_of(child))]
            operator = ""
    return terms


def _joined(operator: str, terms: list[Term]) -> list[Term]:
    return [terms[0]._replace(operator=operator), *terms[1:]] if terms else []

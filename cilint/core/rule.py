"""A rule as the engine knows it: a page's data without its prose, and the marker that ties a function to a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from cilint.core.finding import Audience, Confidence, Safety, Severity
from cilint.source.record import NamedTuple

_Function = TypeVar("_Function", bound=Callable[..., Any])


class PageError(ValueError):
    """A page that says something that pages cannot say; each line of the message names the page and the place."""


class CheckReference(NamedTuple):
    """Where a rule's function lives and what its parameters ask for, read from its source without importing it."""

    module: str
    function: str
    parameters: tuple[str, ...]  # type names: the subject first, then `Context` where it is wanted


class Declaration(NamedTuple):
    """A rule without a function: `select` a place, and `require` or `forbid` what a JSON Schema says.

    `schema` names a schema of `schemas/` and `keywords` which of its violations this rule reports. `fix` is the safety
    of writing what a violation says was meant, empty where that is not to be offered.
    """

    select: str = "$"
    require: Any = None
    forbid: Any = None
    message: str = ""
    schema: str = ""
    keywords: tuple[str, ...] = ()
    fix: Safety | Literal[""] = ""


class Rule(NamedTuple):
    """One rule. `general` rules (a schema's) are silent where a specific rule speaks."""

    id: str
    name: str
    summary: str
    category: str
    severity: Severity
    confidence: Confidence
    audience: Audience
    kinds: tuple[str, ...]
    check: CheckReference | None = None
    declaration: Declaration | None = None
    general: bool = False
    preview: bool = False
    fix_safety: str = ""
    page: str = ""  # where the page lies: `buildspec/publish-after-failed-build.yaml` below rules/
    security_severity: str = ""
    options: tuple[tuple[str, str], ...] = ()  # names, each with its JSON Schema as text
    was: tuple[str, ...] = ()  # names that it had before; they still mean it


def check(name: str) -> Callable[[_Function], _Function]:
    """Mark a function as the check of the page of that name. The index finds it by its source; nothing registers."""

    def mark(function: _Function) -> _Function:
        return function

    return mark

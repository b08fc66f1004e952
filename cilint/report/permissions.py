"""What `cilint iam explain` prints: the permissions of each holder as a table for people, or as JSON for programs."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from cilint.catalog import iam_actions
from cilint.catalog.iam_sensitive import TELLING
from cilint.core.nearest import listed
from cilint.iam.effect import Denial, Effect, Everything, Named, Row, Scope
from cilint.iam.holders import Holder
from cilint.model.policy import BOUNDARY, IDENTITY, RCP, RESOURCE, SCP, SESSION, TRUST
from cilint.source.record import NamedTuple

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_SHOWN: Final = 4
_LEAST: Final = {"who": 24, "actions": 36, "on": 24, "when": 24}
"""Columns that may be narrower than their longest word, which is cut then: how narrow."""
_HEADINGS: Final = {
    IDENTITY: "{} allows",
    TRUST: "{} can be taken by",
    RESOURCE: "{} lets in",
    BOUNDARY: "{} is a permissions boundary: it grants nothing, and lets through",
    SESSION: "{} is a session policy: it grants nothing, and lets through",
    SCP: "{} is a service control policy: it grants nothing, and lets through",
    RCP: "{} is a resource control policy: it grants nothing, and lets through",
}


class Explained(NamedTuple):
    """A holder, the line where it begins, and what its statements come to."""

    holder: Holder
    line: int
    effect: Effect


def as_json(path: str, found: Iterable[Explained]) -> str:
    """An object with the date of the data and a list of holders."""
    document = {
        "path": path,
        "actions": {"source": iam_actions.data_source(), "date": iam_actions.data_date()},
        "holders": [_value(each) for each in found],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _value(explained: Explained) -> dict[str, Any]:
    holder, effect = explained.holder, explained.effect
    everything = [
        {"service": "*", "level": "*", "actions": ["*"], "but": list(each.but), **_of_scope(each.scope)}
        | {"unless": list(each.denials), "bounded": False}
        for each in effect.everything
    ]
    rows = [
        {"service": each.service, "level": each.level, "actions": list(each.actions), "of": each.of}
        | {**_of_scope(each.scope), "unless": list(each.denials), "bounded": each.bounded}
        for each in effect.rows
    ]
    return {
        "name": holder.name or None,
        "type": holder.type or None,
        "policy": holder.role,
        "line": explained.line,
        "allowed": everything + rows,
        "denied": [
            {"actions": _texts(each.actions), "not_actions": _texts(each.kept), **_of_scope(each.scope)}
            for each in effect.denials
        ],
        "without_effect": [{"action": each.action, "why": each.why} for each in effect.idle],
        "held_back_by_boundary": list(effect.held_back),
        "unknown_actions": list(effect.unknown),
        "managed_policies": list(holder.managed),
        "boundary": ("known" if holder.boundary is not None else "unknown") if holder.bounded else None,
    }


def _of_scope(scope: Scope) -> dict[str, Any]:
    return {
        "who": list(scope.who),
        "resources": _texts(scope.resources),
        "not_resources": _texts(scope.spared),
        "conditions": list(scope.conditions),
    }


def _texts(items: tuple[Named, ...]) -> list[str]:
    return [each.shown for each in items]


# --- for people


def text(path: str, found: Iterable[Explained], width: int, expand: bool = False) -> str:
    """A table for each holder, at most `width` columns wide; `expand` names every action."""
    from rich.console import Console

    out = io.StringIO()
    console = Console(file=out, width=width, markup=False, highlight=False, emoji=False, color_system=None)
    for number, each in enumerate(found):
        if number:
            console.print()
        _print(console, path, each, expand)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def _print(console: Console, path: str, explained: Explained, expand: bool) -> None:
    holder, effect = explained.holder, explained.effect
    rows = bool(effect.everything or effect.rows)
    heading = _HEADINGS[holder.role] if rows or not effect.denials else "{} only denies"
    console.print(f"{path}:{explained.line}: {heading.format(_title(holder))}:", soft_wrap=True)
    if rows:
        table = _table(effect, expand)
        console.print(table, width=max(console.width, console.measure(table).minimum), crop=False)
    elif not effect.denials:
        console.print("  nothing")
    if rows and effect.denials:
        console.print("  denied, whatever else allows it:")
    for number, denial in enumerate(effect.denials, 1):
        console.print(f"  D{number}  {_denied(denial)}", soft_wrap=True)
    for note in _notes(holder, effect):
        console.print(f"  {note}", soft_wrap=True)


def _title(holder: Holder) -> str:
    if not holder.name:
        return "the role of this policy" if holder.role == TRUST else "the policy"
    kind = holder.type.rpartition("::")[2]
    inline = holder.role == IDENTITY and not holder.type.startswith("AWS::IAM::")
    return f"the policy of {kind} {holder.name}" if inline else f"{kind} {holder.name}"


def _table(effect: Effect, expand: bool) -> Table:
    from rich.table import Table

    rows = [*map(_of_everything, effect.everything), *(_of_row(each, expand) for each in effect.rows)]
    table = Table(box=None, padding=(0, 1, 0, 2), header_style="", show_edge=False)
    columns = ("who", "service", "level", "actions", "on", "when")
    names = [name for name in columns if any(cells[name] for cells in rows)]
    for name in names:
        words = [len(word) for cells in rows for word in cells[name].split()]
        table.add_column(name, overflow="fold", min_width=min(max(words, default=0), _LEAST.get(name, 99)))
    before: tuple[str, ...] = ()
    for cells in rows:
        repeated = tuple(cells[name] for name in ("who", "service"))
        if repeated == before:
            cells |= {"who": "", "service": ""}
        before = repeated
        table.add_row(*(cells[name] for name in names))
    return table


def _of_everything(row: Everything) -> dict[str, str]:
    actions = "every action" + (f" but {', '.join(row.but)}" if row.but else "")
    return {"service": "every", "level": "every", "actions": actions, **_place(row)}


def _of_row(row: Row, expand: bool) -> dict[str, str]:
    return {"service": row.service, "level": row.level, "actions": _actions(row, expand), **_place(row)}


def _place(row: Row | Everything) -> dict[str, str]:
    scope = row.scope
    on = [each.shown for each in scope.resources]
    if scope.spared:
        on = ["all but " + "\n".join(each.shown for each in scope.spared)]
    return {"who": "\n".join(scope.who), "on": "\n".join(on), "when": "\n".join(_when(row))}


def _when(row: Row | Everything) -> list[str]:
    found = list(row.scope.conditions)
    if row.denials:
        found.append("unless denied by " + ", ".join(f"D{each + 1}" for each in row.denials))
    if isinstance(row, Row) and row.bounded:
        found.append("as far as the boundary goes")
    return found


def _actions(row: Row, expand: bool) -> str:
    names = sorted(row.actions, key=lambda name: (TELLING.get(f"{row.service}:{name}".lower(), 99), name))
    if expand or len(names) <= _SHOWN:
        return ", ".join(names)
    if len(names) == row.of:
        return f"all {row.of}"
    return f"{', '.join(names[: _SHOWN - 1])} and {len(names) - _SHOWN + 1} more of {row.of}"


def _denied(denial: Denial) -> str:
    scope = denial.scope
    what = ", ".join(_texts(denial.actions)) or "every action but " + ", ".join(_texts(denial.kept))
    on = f" on {', '.join(_texts(scope.resources))}" if scope.resources else ""
    if scope.spared:
        on = f" on all but {', '.join(_texts(scope.spared))}"
    who = f" for {', '.join(scope.who)}" if scope.who else ""
    return what + on + who + (f" when {' and '.join(scope.conditions)}" if scope.conditions else "")


def _notes(holder: Holder, effect: Effect) -> Iterable[str]:
    for idle in effect.idle:
        yield f"without effect: {idle.action} {idle.why}"
    if effect.held_back:
        yield f"held back by the boundary: {listed(effect.held_back, 8).replace(' or ', ' and ')}"
    if effect.unknown:
        yield f"not told here, since only a stack or a template engine knows them: {', '.join(effect.unknown)}"
    if holder.managed:
        yield f"and what these policies allow, which are not in this file: {', '.join(holder.managed)}"
    if holder.bounded and holder.boundary is None:
        yield "a permissions boundary that is not in this file may hold some of it back"

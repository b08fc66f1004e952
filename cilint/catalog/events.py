"""Events of the CI/CD services: EventBridge's sources, detail types and details, and the ids of notification rules.

The facts and their age stand in `data/events.json`. All of these are open sets: AWS adds to them, so that an unknown
member proves nothing, while a known one that is written differently never matches.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from cilint.catalog import data_files
from cilint.source.record import NamedTuple

OPEN = "+"
"""Stands among members where there are others than those that the table has."""


class DetailType(NamedTuple):
    """A kind of event. `fields` are those of its `detail`, with their values where they are few; `open`: or others."""

    name: str
    source: str
    fields: dict[str, tuple[str, ...] | None]
    open: bool


def sources() -> tuple[str, ...]:
    """The sources whose events are known, such as `aws.codebuild`."""
    return tuple(_data()["sources"])


def of_everything() -> tuple[str, ...]:
    """The detail types that events of every source may have: what CloudTrail records."""
    return tuple(_data()["everywhere"])


@cache
def detail_types(source: str) -> tuple[DetailType, ...]:
    """The known detail types of a source, none of an unknown one."""
    found = _data()["sources"].get(source, {})
    return tuple(_detail_type(name, source, fields) for name, fields in found.items() if name != OPEN)


def has_more(source: str) -> bool:
    """Whether the source has detail types that the table does not."""
    return source not in _data()["sources"] or OPEN in _data()["sources"][source]


@cache
def every_detail_type() -> dict[str, DetailType]:
    """All known detail types that are one source's own, by name."""
    return {each.name: each for source in sources() for each in detail_types(source)}


def meant(source: str, field: str) -> str | None:
    """The field of a source's details for which people write another name."""
    found: str | None = _data()["called otherwise"].get(source, {}).get(field)
    return found


@cache
def notifications() -> dict[str, tuple[str, ...]]:
    """The events of notification rules, full ids, by the service whose resources have them."""
    return {
        service: tuple(f"{each['resource']}-{event}" for event in each["events"])
        for service, each in _data()["notifications"].items()
    }


def notifying_types() -> dict[str, str]:
    """The CloudFormation type of the resources that a notification rule may watch, to their service."""
    return {each["type"]: service for service, each in _data()["notifications"].items()}


def date() -> str:
    """When the facts were read (year and month)."""
    return str(_data()["date"])


def _detail_type(name: str, source: str, fields: dict[str, Any]) -> DetailType:
    known = {key: tuple(values) if values else None for key, values in fields.items() if key != OPEN}
    return DetailType(name, source, known, OPEN in fields)


@cache
def _data() -> Any:
    return json.loads(data_files.read("events.json"))

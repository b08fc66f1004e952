"""Comparing texts that hold wildcards and holes: with each other, and with the ARN formats of AWS's reference.

In doubt two patterns overlap: a hole may hold anything, and `*` crosses every separator, as ids hold colons.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from cilint.model.values import HOLE

NAME: Final = "\x01"
"""Stands in a pattern for a run without `:` and `/`."""
_FIELD: Final = "\x02"  # a run without `:`
_ONE: Final = "\x03"  # one character that is neither
_EXCLUDED: Final = {"*": "", HOLE: "", NAME: ":/", _FIELD: ":"}
_PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z0-9]+)\}")
_FIELDS: Final = frozenset(["Partition", "Region", "Account"])
_WORDS: Final = frozenset(
    # Names that hold neither slash nor colon; every other part of a format may.
    [
        "BucketName",
        "TableName",
        "PipelineName",
        "StageName",
        "ActionName",
        "ProjectName",
        "QueueName",
        "TopicName",
        "FunctionName",
    ]
)
REGION: Final = re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|us-iso|us-isob|eu-isoe|us-isof|eusc)(-[a-z]+)+-\d")
"""How regions are named; which there are is an open set."""
_WILD: Final = re.compile(r"[*?\x00]")
_SPECIAL: Final = re.compile(r"[*?\x00-\x03]|$")
_ANYTHING: Final = ("*", HOLE)


def _literal(text: str) -> int:
    """How many of the first characters stand for themselves."""
    found = _SPECIAL.search(text)
    return found.start() if found else len(text)


@lru_cache(maxsize=8192)
def overlap(one: str, other: str) -> bool:
    """Whether some text fits both patterns, with regard to case."""
    ours, theirs = one.split(":", 5), other.split(":", 5)
    if len(ours) == len(theirs) == 6 and not _WILD.search(one, 0, len(one) - len(ours[5])):
        # No wildcard of `one` reaches over a colon here: the fields of two ARNs can be compared one by one.
        return all(map(_field_fits, ours[:5], theirs[:5])) and _overlap(ours[5], theirs[5])
    return _overlap(one, other)


def overlaps_any(arn: str, arn_formats: tuple[str, ...]) -> bool:
    """Whether some text fits an ARN with wildcards and one of AWS's formats."""
    ours = arn.split(":", 5)
    if len(ours) < 6 or _WILD.search(arn, 0, len(arn) - len(ours[5])):
        return any(overlap(arn, pattern_of(each)) for each in arn_formats)
    resource = ours[5]
    known = resource[: _literal(resource)]
    for arn_format in arn_formats:
        theirs, start = _parts_of(arn_format)
        length = min(len(known), len(start))
        if known[:length] != start[:length]:
            continue
        if len(theirs) < 6:
            if _overlap(arn, pattern_of(arn_format)):
                return True
        elif _overlap(resource, theirs[5]) and all(map(_field_fits, ours[:5], theirs[:5])):
            return True
    return False


@lru_cache(maxsize=4096)
def _parts_of(arn_format: str) -> tuple[tuple[str, ...], str]:
    """The fields of a format as patterns, and how its resource begins in every ARN (empty where it has no fields)."""
    fields = tuple(pattern_of(arn_format).split(":", 5))
    return fields, fields[5][: _literal(fields[5])] if len(fields) == 6 else ""


def _field_fits(text: str, pattern: str) -> bool:
    return text == pattern or _overlap(text, pattern)


@lru_cache(maxsize=8192)
def _overlap(one: str, other: str) -> bool:
    start = min(_literal(one), _literal(other))
    if one[:start] != other[:start]:
        return False
    if one == other or one[start:] in _ANYTHING or other[start:] in _ANYTHING:
        return True
    x, y = one[start : start + 1], other[start : start + 1]
    if not (x in _EXCLUDED or y in _EXCLUDED or (x and y and _same(x, y))):
        return False
    pending, seen = [(start, start)], set[tuple[int, int]]()
    while pending:
        place = pending.pop()
        if place in seen:
            continue
        seen.add(place)
        i, j = place
        if i == len(one) and j == len(other):
            return True
        x, y = one[i : i + 1], other[j : j + 1]
        x_run, y_run = _EXCLUDED.get(x), _EXCLUDED.get(y)
        if x_run is not None:
            pending.append((i + 1, j))
            if y and y_run is None and y not in x_run:
                pending.append((i, j + 1))
        if y_run is not None:
            pending.append((i, j + 1))
            if x and x_run is None and x not in y_run:
                pending.append((i + 1, j))
        if x and y and x_run is None and y_run is None and _same(x, y):
            pending.append((i + 1, j + 1))
    return False


def _same(x: str, y: str) -> bool:
    """Whether two single places can hold one character."""
    if x == y or x == "?" or y == "?":
        return True
    return y not in ":/" if x == _ONE else x not in ":/" if y == _ONE else False


@lru_cache(maxsize=4096)
def covers(pattern: str, text: str) -> bool:
    """Whether `pattern` matches all that `text`, which may hold wildcards itself, stands for. Never with holes."""
    if HOLE in pattern or HOLE in text:
        return False
    at, mark, star = 0, 0, -1
    i = 0
    while at < len(text):
        letter = pattern[i : i + 1]
        if letter == "*":
            star, mark, i = i, at, i + 1
        elif letter and (letter == text[at] or (letter == "?" and text[at] != "*")):
            at, i = at + 1, i + 1
        elif star >= 0:
            mark += 1
            at, i = mark, star + 1
        else:
            return False
    return not pattern[i:].strip("*")


def wild(text: str) -> bool:
    """Whether the text holds a wildcard or a hole."""
    return _WILD.search(text) is not None


@lru_cache(maxsize=4096)
def pattern_of(arn_format: str) -> str:
    """A pattern for an ARN format such as `arn:${Partition}:s3:::${BucketName}`."""
    return _PLACEHOLDER.sub(lambda part: _run(part[1]), arn_format)


def _run(name: str) -> str:
    return _ONE + _FIELD if name in _FIELDS else _ONE + NAME if name in _WORDS else "*"


def arn_fields(text: str) -> list[str] | None:
    """Partition, service, region, account and resource of an ARN, None of what is no ARN. Short ones are padded with
    `*` as IAM does; a hole that may stand for several fields pads with holes."""
    parts = text.split(":", 5)
    if parts[0] != "arn":
        return None
    while len(parts) < 6:
        parts.append(HOLE if HOLE in text else "*")
    return parts[1:]


def padded(text: str) -> str:
    """The ARN with all its fields."""
    if text.count(":") >= 5 or HOLE in text:
        return text
    fields = arn_fields(text)
    return text if fields is None else ":".join(("arn", *fields))

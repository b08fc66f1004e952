"""What a service calls with the role that it is given: by action of a pipeline, by feature of a build project.

Only calls that each run makes are listed, so that a role without one of them cannot do its work; what AWS's guides ask
for besides (reading tags, cancelling uploads, listing for the console) is left out. Sources: the action structure
reference of the CodePipeline user guide and CDK's grants for the same actions; the CodeBuild user guide, "Allow
CodeBuild to interact with other AWS services" and the pages of its features (2026).
"""

from __future__ import annotations

from functools import cache

from cilint.catalog import data_files
from cilint.source.record import NamedTuple

_ACTIONS = "service-role-actions.txt"


class Call(NamedTuple):
    """A call: any of `names` lets it through. `passed_to` are the services that a role is handed to by it."""

    names: tuple[str, ...]
    passed_to: tuple[str, ...] = ()


class Test(NamedTuple):
    """What a setting must be: one of `values`, or none of them; with no values it must be there."""

    key: str
    holds: bool
    values: tuple[str, ...]


class Need(NamedTuple):
    """Calls on one resource. `resource` is an ARN with `*` and `{Setting}` in it, empty where it cannot be told."""

    when: tuple[Test, ...]
    resource: str
    calls: tuple[Call, ...]


def of_action(category: str, provider: str) -> tuple[Need, ...]:
    """What a pipeline's role needs for an action of owner AWS; nothing where it is not known."""
    return _needs().get(f"{category}/{provider}", ())


def of_feature(feature: str) -> tuple[Need, ...]:
    """What a feature needs: `project/vpc`, `pipeline/artifacts`."""
    return _needs()[feature]


def names() -> frozenset[str]:
    """Every action that is listed, in AWS's spelling."""
    return frozenset(
        name for needs in _needs().values() for need in needs for call in need.calls for name in call.names
    )


@cache
def _needs() -> dict[str, tuple[Need, ...]]:
    found: dict[str, tuple[Need, ...]] = {}
    for line in data_files.read(_ACTIONS).decode("ascii").splitlines()[1:]:
        who, when, resource, calls = line.split("\t")
        need = Need(_tests(when), "" if resource == "-" else resource, tuple(map(_call, calls.split())))
        found[who] = (*found.get(who, ()), need)
    return found


def _tests(text: str) -> tuple[Test, ...]:
    return tuple(map(_test, text.split())) if text != "-" else ()


def _test(text: str) -> Test:
    key, equals, values = text.partition("=")
    return Test(key.removesuffix("!"), not key.endswith("!"), tuple(values.split("|")) if equals else ())


def _call(text: str) -> Call:
    names, _, services = text.partition("@")
    return Call(tuple(names.split("|")), tuple(services.split(",")) if services else ())

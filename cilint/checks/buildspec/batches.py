"""Checks of `batch`: builds that depend on each other, and limits of a batch."""

from __future__ import annotations

from collections.abc import Iterator

from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.model.buildspec import Buildspec
from cilint.model.view import items
from cilint.source.nodes import Mapping, Node, Scalar, Sequence
from cilint.source.text import Span

_LARGEST = 100  # BatchRestrictions$maximumBuildsAllowed, CodeBuild API reference


def _tasks(buildspec: Buildspec, kind: str) -> list[Mapping]:
    node = buildspec.batch.get(kind) if buildspec.batch is not None else None
    return [item for item in node.items if isinstance(item, Mapping)] if isinstance(node, Sequence) else []


def _identifier(task: Mapping) -> Scalar | None:
    node = task.get("identifier")
    return node if isinstance(node, Scalar) else None


@check("duplicate-build-identifier")
def duplicate_build_identifier(buildspec: Buildspec) -> Iterator[Finding]:
    """Two builds of a batch by one name."""
    for kind in ("build-graph", "build-list"):
        seen: dict[str, Scalar] = {}
        for task in _tasks(buildspec, kind):
            identifier = _identifier(task)
            if identifier is None:
                continue
            first = seen.setdefault(identifier.value, identifier)
            if first is not identifier:
                yield Finding(
                    identifier.span,
                    f"two builds are called `{identifier.value}`; identifiers must differ",
                    related=(Related(first.span, "the first of them"),),
                )


@check("unknown-dependency")
def unknown_dependency(buildspec: Buildspec) -> Iterator[Finding]:
    """A build that waits for one that is not in the graph."""
    tasks = _tasks(buildspec, "build-graph")
    known = [identifier.value for task in tasks if (identifier := _identifier(task)) is not None]
    for task in tasks:
        for item in items(task.get("depend-on")):
            if isinstance(item, Scalar) and item.value not in known:
                near = nearest(item.value, known)
                advice = f"did you mean `{near}`?" if near else f"the builds are {listed(known)}"
                yield Finding(item.span, f"no build of the graph is called `{item.value}`; {advice}")


@check("dependency-cycle")
def dependency_cycle(buildspec: Buildspec) -> Iterator[Finding]:
    """Builds that wait for each other."""
    edges: dict[str, list[Scalar]] = {}
    for task in _tasks(buildspec, "build-graph"):
        identifier = _identifier(task)
        if identifier is not None:
            waits = [item for item in items(task.get("depend-on")) if isinstance(item, Scalar)]
            edges.setdefault(identifier.value, []).extend(waits)
    reported: set[str] = set()
    for start in edges:
        path = _way_back(start, edges)
        if path and not reported & set(path):
            reported.update(path)
            last = next(item for item in edges[path[-1]] if item.value == start)
            way = " → ".join(f"`{name}`" for name in [*path, start])
            yield Finding(last.span, f"these builds wait for each other, and none can start: {way}")


def _way_back(start: str, edges: dict[str, list[Scalar]]) -> list[str]:
    """A way from `start` along the dependencies that leads to it again; empty without one."""
    stack: list[tuple[str, list[str]]] = [(start, [start])]
    seen: set[str] = set()
    while stack:
        at, path = stack.pop()
        for item in edges.get(at, ()):
            if item.value == start:
                return path
            if item.value not in seen:
                seen.add(item.value)
                stack.append((item.value, [*path, item.value]))
    return []


@check("batch-too-large")
def batch_too_large(buildspec: Buildspec) -> Iterator[Finding]:
    """A batch of more builds than CodeBuild takes."""
    if buildspec.batch is None:
        return
    for kind in ("build-graph", "build-list"):
        count = len(_tasks(buildspec, kind))
        entry = buildspec.batch.entry(kind)
        if entry is not None and count > _LARGEST:
            yield _too_large(entry.key.span, count)
    matrix = buildspec.batch.entry("build-matrix")
    if matrix is not None and isinstance(matrix.value, Mapping):
        count = _combinations(matrix.value.get("dynamic"))
        if count > _LARGEST:
            yield _too_large(matrix.key.span, count)


def _too_large(span: Span, count: int) -> Finding:
    return Finding(
        span, f"this batch has {count} builds, and a project allows {_LARGEST} at most (`maximumBuildsAllowed`)"
    )


def _combinations(dynamic: Node | None) -> int:
    """How many builds the lists of a matrix make."""
    count = 1
    if isinstance(dynamic, Mapping):
        env = dynamic.get("env")
        tables = [dynamic]
        if isinstance(env, Mapping):
            tables.append(env)
            variables = env.get("variables")
            if isinstance(variables, Mapping):
                tables.append(variables)
        for table in tables:
            for entry in table.entries:
                if isinstance(entry.value, Sequence) and entry.value.items:
                    count *= len(entry.value.items)
    return count


@check("compute-type-with-fleet")
def compute_type_with_fleet(buildspec: Buildspec) -> Iterator[Finding]:
    """A build of a batch that asks for a fleet and for a compute type."""
    for kind in ("build-graph", "build-list"):
        for task in _tasks(buildspec, kind):
            env = task.get("env")
            if isinstance(env, Mapping) and (fleet := env.entry("fleet")) and (compute := env.entry("compute-type")):
                yield Finding(
                    compute.key.span,
                    "a fleet has its own compute type, so `compute-type` and `fleet` exclude each other; remove one",
                    related=(Related(fleet.key.span, "the fleet"),),
                )

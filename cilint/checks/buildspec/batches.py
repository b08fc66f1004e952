"""Checks of `batch`: builds that depend on each other, and limits of a batch."""

from __future__ import annotations

from collections.abc import Iterator

from cilint.catalog.codebuild_images import (
    DATE,
    ENVIRONMENTS,
    MAINTAINED,
    RETIRED,
    fits,
    has_size,
    known,
    oldest,
    successor,
)
from cilint.core.context import Context, named
from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.delivery.world import running
from cilint.model.buildspec import Buildspec
from cilint.model.view import items
from cilint.source.nodes import Mapping, Node, Scalar, Sequence

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
    names = dict.fromkeys(identifier.value for task in tasks if (identifier := _identifier(task)) is not None)
    for task in tasks:
        for item in items(task.get("depend-on")):
            if isinstance(item, Scalar) and item.value not in names:
                near = nearest(item.value, names)
                advice = f"did you mean `{near}`?" if near else f"the builds are {listed(names)}"
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
def batch_too_large(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """A batch of more builds than CodeBuild takes, or than the project allows."""
    if buildspec.batch is None:
        return
    sizes = {kind: len(_tasks(buildspec, kind)) for kind in ("build-graph", "build-list")}
    matrix = buildspec.batch.get("build-matrix")
    sizes["build-matrix"] = _combinations(matrix.get("dynamic")) if isinstance(matrix, Mapping) else 0
    limits = [project.most_builds for project in running(buildspec, context)] if max(sizes.values()) > 1 else []
    own = [int(limit.value) for limit in limits if limit is not None and limit.value.isdigit()]
    most = max(own) if own and len(own) == len(limits) else _LARGEST
    for kind, count in sizes.items():
        entry = buildspec.batch.entry(kind)
        if entry is not None and count > most:
            who = "a project allows" if most == _LARGEST else "the project allows"
            yield Finding(
                entry.key.span, f"this batch has {count} builds, and {who} {most} at most (`maximumBuildsAllowed`)"
            )


def _environments(buildspec: Buildspec) -> Iterator[dict[str, list[Scalar]]]:
    """For each build of a batch, or each matrix, what its environment says: key to the values it may have."""
    for kind in ("build-graph", "build-list"):
        for task in _tasks(buildspec, kind):
            yield _said(task.get("env"))
    matrix = buildspec.batch.get("build-matrix") if buildspec.batch is not None else None
    parts = [matrix.get(name) for name in ("static", "dynamic")] if isinstance(matrix, Mapping) else []
    envs = [part.get("env") for part in parts if isinstance(part, Mapping)]
    yield {key: values for env in envs for key, values in _said(env).items()}


def _said(env: Node | None) -> dict[str, list[Scalar]]:
    entries = env.entries if isinstance(env, Mapping) else []
    return {
        entry.name: [item for item in items(entry.value) if isinstance(item, Scalar) and "$" not in item.value]
        for entry in entries
    }


@check("batch-image-not-for-environment")
def batch_image_not_for_environment(buildspec: Buildspec) -> Iterator[Finding]:
    """A build of a batch with one of CodeBuild's images in an environment of another system or processor."""
    for said in _environments(buildspec):
        for kind in said.get("type", ())[:1]:
            for image in said.get("image", ()):
                if fits(image.value, kind.value) is False:
                    yield Finding(
                        image.span,
                        f"`{image.value}` does not run in an environment of the type `{kind.value}`; change one of the "
                        "two",
                    )


@check("batch-environment-unknown")
def batch_environment_unknown(buildspec: Buildspec) -> Iterator[Finding]:
    """A type of environment that does not exist, or a size that the type does not have."""
    for said in _environments(buildspec):
        for kind in said.get("type", ())[:1]:
            if kind.value not in ENVIRONMENTS:
                near = nearest(kind.value, ENVIRONMENTS)
                advice = f"did you mean `{near}`?" if near else f"known are {listed(ENVIRONMENTS)}"
                yield Finding(
                    kind.span,
                    f"no environment is known to be of the type `{kind.value}`; {advice}",
                    severity=None if near else "note",
                    confidence=None if near else "low",
                )
            for size in said.get("compute-type", ()):
                if kind.value in ENVIRONMENTS and has_size(kind.value, size.value) is False:
                    yield Finding(
                        size.span,
                        f"`{kind.value}` is not known to have `{size.value}`; see the guide's table of compute types",
                    )


@check("retired-batch-image")
def retired_batch_image(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """Builds of a batch in one of CodeBuild's images that is no longer looked after; each image once."""
    using: dict[str, list[Scalar]] = {}
    for said in _environments(buildspec):
        for image in said.get("image", ()):
            using.setdefault(image.value, []).append(image)
    for name, images in using.items():
        found = known(name)
        if found is not None and found.state != MAINTAINED and not named(context.names.images, name):
            more = f", also for {len(images) - 1} more of these builds" if len(images) > 1 else ""
            yield Finding(
                images[0].span,
                f"`{name}` {RETIRED[found.state]} (as of {DATE}); use `{successor(name)}`{oldest(name)}{more}",
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

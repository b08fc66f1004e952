"""Checks of what a build leaves behind: artifacts, reports, caches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.core.finding import Finding, Fix, Replacement
from cilint.core.nearest import nearest
from cilint.core.rule import check
from cilint.model.buildspec import Artifacts, Buildspec
from cilint.shell.tools import run_by
from cilint.source.nodes import PLAIN, Mapping, Scalar
from cilint.source.text import Span


def _blocks(buildspec: Buildspec) -> Iterator[Artifacts]:
    """`artifacts` and each of its `secondary-artifacts`."""
    artifacts = buildspec.artifacts
    if artifacts is None:
        return
    yield artifacts
    for entry in artifacts.secondary.entries if artifacts.secondary is not None else ():
        if isinstance(entry.value, Mapping):
            yield Artifacts(entry.value, buildspec.text)


def _globs(artifacts: Artifacts) -> Iterator[Scalar]:
    yield from (item for item in artifacts.files if isinstance(item, Scalar) and not item.is_null)


@check("artifact-path-repeats-base")
def artifact_path_repeats_base(buildspec: Buildspec) -> Iterator[Finding]:
    """Files that are named with the directory in which they are looked up."""
    for artifacts in _blocks(buildspec):
        base = artifacts.base_directory.value.strip("/").removeprefix("./") if artifacts.base_directory else ""
        for item in _globs(artifacts):
            path = item.value.removeprefix("./")
            if base and "*" not in base and path.startswith(f"{base}/"):
                yield Finding(
                    item.span,
                    f"files are looked up below `base-directory`, so this is `{base}/{path}` (`CLIENT_ERROR Message: "
                    f"no matching artifact paths found`); write `{path[len(base) + 1 :]}`",
                )


@check("artifact-odd-glob")
def artifact_odd_glob(buildspec: Buildspec) -> Iterator[Finding]:
    """A pattern that does not mean all files."""
    for artifacts in _blocks(buildspec):
        for item in _globs(artifacts):
            if item.value in ("**", "**.*", ".", "./", "/"):
                quote = "'" if item.style == PLAIN else item.style
                yield Finding(
                    item.span,
                    f"`{item.value}` is not documented to mean every file; write `**/*`, which is",
                    fix=Fix("Write **/*", "unsafe", (Replacement(item.span, f"{quote}**/*{quote}"),))
                    if quote in ("'", '"')
                    else None,
                )


@check("artifact-is-directory")
def artifact_is_directory(buildspec: Buildspec) -> Iterator[Finding]:
    """A directory's name where files are asked for."""
    made = {
        operand.text.strip("/")
        for step in buildspec.steps
        if step.simple.name == "mkdir"
        for operand in step.simple.operands
        if operand.text
    }
    for artifacts in _blocks(buildspec):
        for item in _globs(artifacts):
            path = item.value
            if (
                "*" not in path
                and "$" not in path
                and (path.endswith("/") or path.strip("/").removeprefix("./") in made)
            ):
                yield Finding(
                    item.span,
                    f"this names a directory, and artifacts are files; write `{path.rstrip('/')}/**/*`",
                )


@check("discarded-paths-collide")
def discarded_paths_collide(buildspec: Buildspec) -> Iterator[Finding]:
    """Files of many directories that are put into one."""
    for artifacts in _blocks(buildspec):
        flat = artifacts.discard_paths
        if flat is None or flat.value.lower() not in ("yes", "true"):
            continue
        for item in _globs(artifacts):
            if item.value.endswith(("**/*", "**")):
                yield Finding(
                    flat.span,
                    f"`{item.value}` takes files of many directories, and this puts all of them into one: of files "
                    "with the same name only one is left",
                )
                break


_HANDED_ON: Final = ("imagedefinitions.json", "imageDetail.json")


_NOT_NAMED: Final = "does not name it, so the deployment does not get it; add it"


@check("image-file-not-in-artifacts")
def image_file_not_in_artifacts(buildspec: Buildspec) -> Iterator[Finding]:
    """A file for the deployment that is written and not handed on."""
    patterns = [item.value for artifacts in _blocks(buildspec) for item in _globs(artifacts)]
    if any("*" in pattern or "$" in pattern for pattern in patterns) or "artifacts" not in _top(buildspec):
        return
    if any(pattern.endswith(_HANDED_ON) for pattern in patterns):
        return  # the deployment takes the other kind
    for step in buildspec.steps:
        for redirect in step.simple.redirects:
            target = redirect.target
            name = (target.text or "").rpartition("/")[2] if target is not None else ""
            if target is None or not redirect.operator.startswith(">") or name not in _HANDED_ON:
                continue
            if not any(pattern.endswith(name) for pattern in patterns):
                near = next((each for each in patterns if nearest(name, [each.rpartition("/")[2]])), None)
                yield Finding(
                    step.place(target),
                    f"the build writes `{name}`, and `artifacts.files` "
                    + (f"names `{near}`; did you mean `{name}`?" if near else _NOT_NAMED),
                )
                return


def _top(buildspec: Buildspec) -> list[str]:
    return buildspec.node.names() if isinstance(buildspec.node, Mapping) else []


_FORMATS: Final = {
    "jacoco": ("JACOCOXML", "JaCoCo"),
    "clover": ("CLOVERXML", "Clover"),
    "cobertura": ("COBERTURAXML", "Cobertura"),
    ".trx": ("VISUALSTUDIOTRX", "Visual Studio"),
    "testng": ("TESTNGXML", "TestNG"),
    "cucumber": ("CUCUMBERJSON", "Cucumber"),
}


@check("report-format-mismatch")
def report_format_mismatch(buildspec: Buildspec) -> Iterator[Finding]:
    """A report's files that are named after another format."""
    for entry in buildspec.reports.entries if buildspec.reports is not None else ():
        if not isinstance(entry.value, Mapping):
            continue
        given = entry.value.get("file-format")
        declared = given.value.upper() if isinstance(given, Scalar) else "JUNITXML"
        files = entry.value.get("files")
        first = [item for item in getattr(files, "items", [files]) if isinstance(item, Scalar)][:1]
        for item in first:
            name = item.value.lower().rpartition("/")[2]
            wanted = next(((word, tool) for mark, (word, tool) in _FORMATS.items() if mark in name), None)
            if wanted is not None and wanted[0] != declared and "$" not in declared:
                said = f"`{declared}`" if given is not None else "`JUNITXML`, the default"
                yield Finding(
                    given.span if given is not None else item.span,
                    f"`{item.value}` looks like a report of {wanted[1]}, and the format here is {said}; write "
                    f"`file-format: {wanted[0]}`",
                )


@check("too-many-report-groups")
def too_many_report_groups(buildspec: Buildspec) -> Iterator[Finding]:
    """More report groups than a project may have."""
    reports = buildspec.reports
    if reports is not None and len(reports.names()) > 5:
        sixth = reports.entries[5]
        yield Finding(
            sixth.key.span, f"a project may have 5 report groups, and this buildspec has {len(reports.names())}"
        )


@check("fallback-keys-without-key")
def fallback_keys_without_key(buildspec: Buildspec) -> Iterator[Finding]:
    """Keys to fall back to, where there is no key."""
    cache = buildspec.cache
    if cache is not None and cache.fallback_keys and cache.key is None:
        yield Finding(
            cache.key_span("fallback-keys"), "without `cache.key` the keys to fall back to are ignored; add `key`"
        )


@check("cache-deleted-by-install")
def cache_deleted_by_install(buildspec: Buildspec) -> Iterator[Finding]:
    """A cached directory that the install deletes first."""
    paths = buildspec.cache.paths if buildspec.cache else ()
    cached = next((item for item in paths if isinstance(item, Scalar) and _is_modules(item.value)), None)
    if cached is None:
        return
    installs = [run_by(step.simple) for step in buildspec.steps if "npm" in step.command.script]
    clean = any(simple.matches("npm", "ci|clean-install") for simple in installs)
    if clean and not any(simple.matches("npm", "install|i") for simple in installs):
        yield Finding(
            Span(cached.start, cached.end),
            "`npm ci` deletes node_modules before it installs, so what is cached here is never used; cache npm's "
            "downloads instead: `/root/.npm/**/*`",
        )


def _is_modules(path: str) -> bool:
    return path.removeprefix("./").startswith("node_modules")

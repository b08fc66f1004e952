"""Checks of what a build keeps for the next one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.core.context import Context
from cilint.core.finding import Finding
from cilint.core.rule import check
from cilint.delivery.facts import BuildProject
from cilint.delivery.world import path_in, running, world
from cilint.model.buildspec import Buildspec, Step
from cilint.shell.dialect import is_posix
from cilint.shell.script import mentions
from cilint.shell.tools import INSTALLS, install_of, run_by
from cilint.source.nodes import Scalar
from cilint.source.pattern import lazy

_TOOLS: Final = tuple(sorted({name for line in INSTALLS for name in line.words[0].split("|")}))


@check("missing-cache")
def missing_cache(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """An install of the project's dependencies in a build that keeps nothing for the next one."""
    if (buildspec.cache and buildspec.cache.paths) or not is_posix(buildspec.dialect):
        return
    for command in buildspec.commands:
        if not mentions(command.script, _TOOLS):
            continue
        for simple in command.parsed.commands:
            install = install_of(simple)
            if install:
                if _may_be_cached(context):
                    return
                paths = _moved(buildspec).get(install.tool, install.cache_paths)
                where = f"add {_all_of(paths)} to `cache.paths` here" if paths else "keep them with `cache.paths` here"
                if install.tool == "bundle" and paths == install.cache_paths:
                    where = f"run `bundle config set path vendor/bundle` before it, {where}"
                yield Finding(
                    command.place(simple.span),
                    f"{install.tool} downloads its dependencies anew in every build; {where} and give the build "
                    "project a cache",
                )
                return


def _all_of(names: tuple[str, ...]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _moved(buildspec: Buildspec) -> dict[str, tuple[str, ...]]:
    """Where the build puts the downloads of tools, by the tool, as patterns; empty where that is not known."""
    from cilint.shell.caches import moved

    table = buildspec.env.variables if buildspec.env else None
    entries = table.entries if table is not None else []
    variables = [(entry.name, entry.value.value) for entry in entries if isinstance(entry.value, Scalar)]
    commands = [step.simple for step in buildspec.steps]
    return {
        each.store.tool: (f"{each.path.rstrip('/')}/**/*",) if each.path else () for each in moved(commands, variables)
    }


def _may_be_cached(context: Context) -> bool:
    """Whether a project of the repository that runs this buildspec has a cache of its own, or could: too large a
    repository is not seen whole. For a buildspec in a template there is no project to be found by its path."""
    around = world(context)
    if context.known and not context.embedded and not around.complete:
        return True
    return any(project.caches is not False for project in around.projects_running(path_in(context)))


_OPAQUE: Final = (
    ".sh",
    "make",
    "docker",
    "eval",
    "source ",
    "ansible",
    "bazel",
    "nx ",
    "turbo",
    "task ",
    "just ",
    ".py",
)


@check("cache-path-never-written")
def cache_path_never_written(buildspec: Buildspec) -> Iterator[Finding]:
    """A tool's downloads among the cached paths, and no command that uses the tool, or one that puts them elsewhere."""
    paths = [item for item in (buildspec.cache.paths if buildspec.cache else ()) if isinstance(item, Scalar)]
    if not paths or not buildspec.commands:
        return
    from cilint.shell.caches import store_at

    found = [(item, store) for item in paths if (store := store_at(item.value))]
    elsewhere = _moved(buildspec) if found else {}
    text = "\n".join(command.script for command in buildspec.commands)
    for item, store in found:
        place = next((each.removesuffix("/**/*").removeprefix("./") for each in elsewhere.get(store.tool, ())), "")
        if place and not any(each.value.removeprefix("./").startswith(place) for each in paths):
            yield Finding(
                item.span,
                f"the build puts {store.tool}'s downloads into `{place}`, so nothing is written here; cache "
                f"`{place}/**/*`",
            )
        elif not mentions(text, store.words) and not mentions(text, _OPAQUE) and store.tool not in elsewhere:
            yield Finding(item.span, f"no command runs {store.tool}, so nothing is written here; remove it")


@check("docker-layers-not-cached")
def docker_layers_not_cached(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """An image that is built from its first layer in every build."""
    for step in buildspec.steps:
        simple = step.simple
        if not (simple.matches("docker", "build") or simple.matches("docker", "buildx", "build")):
            continue
        words = " ".join(word.raw for word in simple.args)
        if "--cache-" in words or "--no-cache" in words:
            return
        if any(_keeps_layers(project) for project in running(buildspec, context)):
            return
        yield Finding(
            step.span,
            "every build makes all layers of the image anew; give the project a local cache with "
            "LOCAL_DOCKER_LAYER_CACHE, or take the last image's layers with `--cache-from`",
        )
        return


def _keeps_layers(project: BuildProject) -> bool:
    """Whether a project keeps the layers of images, or might."""
    return project.caches is None or project.modes is None or "LOCAL_DOCKER_LAYER_CACHE" in project.modes


@check("packages-installed-every-build")
def packages_installed_every_build(step: Step) -> Iterator[Finding]:
    """Packages of the system that every build installs anew."""
    simple = step.simple
    if simple.matches("apt-get|apt|yum|dnf|apk", "install|add") and len(simple.operands) > 1:
        yield Finding(
            step.span,
            f"every build waits for `{simple.name}`; an image of your own starts with these packages, and takes "
            "them from no mirror that may be down",
        )


@check("cache-key-never-changes")
def cache_key_never_changes(buildspec: Buildspec) -> Iterator[Finding]:
    """A key in which nothing changes, so that the first build's cache is the only one."""
    cache = buildspec.cache
    if cache is not None and cache.key is not None and cache.key.value and "$" not in cache.key.value:
        yield Finding(
            cache.key.span,
            "what is stored under a key is never replaced, and this key is always the same, so the first build's files "
            "stay; put what decides into it: `$(codebuild-hash-files package-lock.json)`",
        )


@check("hash-of-missing-file")
def hash_of_missing_file(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """A key that is made from a file that is not there."""
    cache = buildspec.cache
    key = cache.key if cache is not None else None
    if key is None or not context.known or context.embedded:
        return
    for call in _HASHED.findall(key.value):
        for name in call.split():
            bare = name.strip("'\"")
            base = bare.rpartition("/")[2]
            if set(bare).isdisjoint("*?[{$") and not context.tree.exists(bare) and not context.tree.find(base):
                yield Finding(key.span, f"there is no `{bare}` to hash here, so the key does not change with it")


_HASHED: Final = lazy(r"codebuild-hash-files\s+([^)]*)\)")


@check("npm-ci-without-lockfile")
def npm_ci_without_lockfile(step: Step, context: Context) -> Iterator[Finding]:
    """An install from a lock file where there is none."""
    simple = run_by(step.simple)
    if not simple.matches("npm", "ci|clean-install|install-clean") or not context.known or context.embedded:
        return
    tree, phase = context.tree, step.command.phase
    locked = any(tree.exists(name) for name in ("package-lock.json", "npm-shrinkwrap.json"))
    if locked or not tree.exists("package.json") or "/" in path_in(context):
        return  # a build starts at the root of its source, which may lie higher than the buildspec
    before = "\n".join(command.script for command in phase.commands)
    if not simple.has("--prefix", "-C") and not mentions(
        before, ("cd ", "pushd", "package-lock", "shrinkwrap", "git ")
    ):
        yield Finding(
            step.span,
            "`npm ci` installs from package-lock.json only, and there is none beside package.json, so it fails "
            "(`can only install with an existing package-lock.json`); commit one, or run `npm install`",
        )

"""Where tools keep what they have downloaded, as a table: their own places, and how commands choose another one.

The places are the tools' defaults for root on Linux, as CodeBuild runs commands; none of them is AWS's own statement.
What an install is, and what to say about it, is not decided in this room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from cilint.shell.script import SimpleCommand
from cilint.shell.tools import run_by
from cilint.shell.words import Word
from cilint.source.record import NamedTuple


class Store(NamedTuple):
    """A tool's downloads. `places` are the directories, `words` what a script that uses the tool mentions.

    `variables` (name to what lies below its value), `options` and `settings` (words in front of the value) choose
    another directory.
    """

    tool: str
    places: tuple[str, ...]
    words: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()
    options: tuple[str, ...] = ()
    settings: tuple[tuple[str, ...], ...] = ()


_REPOSITORY: Final = "-Dmaven.repo.local"

STORES: Final = (
    Store(
        "npm",
        ("/root/.npm", "~/.npm"),
        ("npm", "npx", "node", "yarn", "pnpm", "cdk", "lerna", "amplify", "sam build"),
        (("npm_config_cache", ""), ("NPM_CONFIG_CACHE", "")),
        ("--cache",),
        (("npm", "config|c", "set", "cache"), ("npm", "set", "cache")),
    ),
    Store(
        "yarn",
        ("/usr/local/share/.cache/yarn", "/root/.cache/yarn", "/root/.yarn-cache", "/root/.yarn/berry/cache"),
        ("yarn",),
        (("YARN_CACHE_FOLDER", ""),),
        ("--cache-folder",),
        (("yarn", "config", "set", "cache-folder|cacheFolder"),),
    ),
    Store(
        "pnpm",
        ("/root/.local/share/pnpm", "/root/.pnpm-store"),
        ("pnpm",),
        (("npm_config_store_dir", ""), ("PNPM_HOME", "")),
        ("--store-dir",),
        (("pnpm", "config|c", "set", "store-dir"),),
    ),
    Store(
        "pip",
        ("/root/.cache/pip", "~/.cache/pip"),
        ("pip", "python", "poetry", "tox", "sam build", "uv"),
        (("PIP_CACHE_DIR", ""), ("XDG_CACHE_HOME", "pip")),
        ("--cache-dir",),
        (("pip|pip3", "config", "set", "global.cache-dir"),),
    ),
    Store(
        "poetry",
        ("/root/.cache/pypoetry",),
        ("poetry",),
        (("POETRY_CACHE_DIR", ""), ("XDG_CACHE_HOME", "pypoetry")),
        (),
        (("poetry", "config", "cache-dir"),),
    ),
    Store("uv", ("/root/.cache/uv",), ("uv",), (("UV_CACHE_DIR", ""), ("XDG_CACHE_HOME", "uv")), ("--cache-dir",)),
    Store(
        "mvn",
        ("/root/.m2", "~/.m2"),
        ("mvn", "maven", "sam build", "gradle", "sbt", "java"),
        (),
        (_REPOSITORY,),
    ),
    Store(
        "gradle",
        ("/root/.gradle", "~/.gradle"),
        ("gradle", "sam build", "java"),
        (("GRADLE_USER_HOME", "caches"),),
        ("-g", "--gradle-user-home"),
    ),
    Store(
        "go",
        ("/go/pkg/mod", "/root/go/pkg/mod", "/root/.cache/go-build"),
        ("go", "sam build", "golang"),
        (("GOMODCACHE", ""), ("GOPATH", "pkg/mod")),
    ),
    Store("cargo", ("/root/.cargo", "/usr/local/cargo"), ("cargo", "rust"), (("CARGO_HOME", "registry"),)),
    Store(
        "bundle",
        ("/usr/local/bundle",),
        ("bundle", "gem", "ruby", "jekyll"),
        (("BUNDLE_PATH", ""),),
        ("--path",),
        (
            ("bundle", "config", "set", "path"),
            ("bundle", "config", "path"),
            ("bundle", "config", "set", "--local", "path"),
        ),
    ),
    Store(
        "composer",
        ("/root/.cache/composer", "/root/.composer/cache"),
        ("composer", "php"),
        (("COMPOSER_CACHE_DIR", ""), ("COMPOSER_HOME", "cache")),
    ),
    Store(
        "dotnet",
        ("/root/.nuget", "~/.nuget"),
        ("dotnet", "nuget", "msbuild"),
        (("NUGET_PACKAGES", ""),),
        ("--packages",),
    ),
)


_MAVEN: Final = next(store for store in STORES if store.tool == "mvn")


class Moved(NamedTuple):
    """A tool's store that the commands or variables put elsewhere: to `path`, None where it is not known where."""

    store: Store
    path: str | None


def moved(commands: Iterable[SimpleCommand], variables: Iterable[tuple[str, str]]) -> Iterator[Moved]:
    """The stores that are put elsewhere, by variables given as pairs and by what the commands set and say."""
    given = list(variables)
    for command in commands:
        own = run_by(command)
        given += [(each.name, (each.value.text or "$") if each.value else "") for each in command.assignments]
        if own.name in ("export", "declare"):
            given += [_pair(word) for word in own.args]
        for store in STORES:
            yield from _told(own, store)
    for store in STORES:
        for name, value in given:
            for variable, below in store.variables:
                if variable == name and value:
                    yield Moved(store, None if "$" in value else f"{value.rstrip('/')}/{below}".rstrip("/"))
    for _, value in given:
        _, option, rest = value.partition(f"{_REPOSITORY}=")
        if option:
            path = rest.split()[0] if rest.split() else ""
            yield Moved(_MAVEN, None if "$" in path else path)


def _told(command: SimpleCommand, store: Store) -> Iterator[Moved]:
    """Where one command is told to keep a tool's downloads, or sets it for all."""
    if command.name in _RUNS.get(store.tool, (store.tool,)) and store.options:
        value = command.option(*store.options)
        if isinstance(value, Word):
            yield Moved(store, value.text)
    for words in store.settings:
        if command.matches(words[0], *words[1:]):
            rest = command.operands[len(words) - 1 :]
            yield Moved(store, rest[0].text if rest else None)


_RUNS: Final = {
    "mvn": ("mvn", "mvnw"),
    "gradle": ("gradle", "gradlew"),
    "pip": ("pip", "pip3"),
    "bundle": ("bundle", "bundler"),
}


def _pair(word: Word) -> tuple[str, str]:
    """A variable and its value, of `export NAME=value`; the value of one that is only named is empty."""
    name, _, value = (word.text if word.text is not None else word.raw).partition("=")
    return name, value


def store_at(path: str) -> Store | None:
    """The store that a cached path belongs to."""
    bare = path.strip().replace("$HOME", "/root").replace("${HOME}", "/root").removeprefix("'").rstrip("/*")
    return next((each for each in STORES if any(_within(bare, place) for place in each.places)), None)


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")

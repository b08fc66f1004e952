"""Where tools keep their downloads: the places of their own, and those that commands and variables choose."""

from __future__ import annotations

import pytest

from cilint.shell.caches import moved, store_at
from cilint.shell.script import parse


def chosen(script: str, **variables: str) -> list[tuple[str, str | None]]:
    return [(each.store.tool, each.path) for each in moved(parse(script).commands, variables.items())]


@pytest.mark.parametrize(
    ("script", "place"),
    [
        ("npm config set cache .npm", ("npm", ".npm")),
        ("npm config set cache .npm --global", ("npm", ".npm")),
        ("npm ci --cache .npm", ("npm", ".npm")),
        ("npm ci --cache=.npm --prefer-offline", ("npm", ".npm")),
        ("export npm_config_cache=.npm", ("npm", ".npm")),
        ("yarn install --cache-folder .yarn", ("yarn", ".yarn")),
        ("YARN_CACHE_FOLDER=.yarn yarn install", ("yarn", ".yarn")),
        ("pnpm install --store-dir .pnpm", ("pnpm", ".pnpm")),
        ("pip install -r requirements.txt --cache-dir .pip", ("pip", ".pip")),
        ("python -m pip install -r requirements.txt --cache-dir .pip", ("pip", ".pip")),
        ("export PIP_CACHE_DIR=/tmp/pip", ("pip", "/tmp/pip")),
        ("poetry config cache-dir .poetry", ("poetry", ".poetry")),
        ("uv sync --cache-dir .uv", ("uv", ".uv")),
        ("mvn -Dmaven.repo.local=.m2 package", ("mvn", ".m2")),
        ('export MAVEN_OPTS="-Xmx1g -Dmaven.repo.local=.m2"', ("mvn", ".m2")),
        ("gradle build -g .gradle", ("gradle", ".gradle")),
        ("export GRADLE_USER_HOME=.gradle", ("gradle", ".gradle/caches")),
        ("export GOMODCACHE=/tmp/mod", ("go", "/tmp/mod")),
        ("export GOPATH=/tmp/go", ("go", "/tmp/go/pkg/mod")),
        ("export CARGO_HOME=/tmp/cargo", ("cargo", "/tmp/cargo/registry")),
        ("bundle config set --local path vendor/bundle", ("bundle", "vendor/bundle")),
        ("bundle install --path vendor/bundle", ("bundle", "vendor/bundle")),
        ("export COMPOSER_CACHE_DIR=.composer", ("composer", ".composer")),
        ("dotnet restore --packages .nuget", ("dotnet", ".nuget")),
        ('export PIP_CACHE_DIR="$HOME/pip"', ("pip", None)),
    ],
)
def test_commands_choose_another_place(script: str, place: tuple[str, str | None]) -> None:
    assert chosen(script)[0] == place


@pytest.mark.parametrize(
    "script", ["npm ci", "npm config get cache", "export PATH=/tmp/bin", "docker build --cache-from x ."]
)
def test_other_commands_choose_none(script: str) -> None:
    assert chosen(script) == []


def test_variables_of_the_buildspec_count() -> None:
    assert chosen("cargo build", CARGO_HOME="/tmp/cargo/") == [("cargo", "/tmp/cargo/registry")]


@pytest.mark.parametrize(
    ("path", "tool"),
    [
        ("/root/.npm/**/*", "npm"),
        ("~/.m2/repository/**/*", "mvn"),
        ("$HOME/.cache/pip/**/*", "pip"),
        ("/go/pkg/mod/**/*", "go"),
        ("/root/.gradle/caches/**/*", "gradle"),
    ],
)
def test_a_path_belongs_to_a_tool(path: str, tool: str) -> None:
    store = store_at(path)
    assert store is not None
    assert store.tool == tool


@pytest.mark.parametrize("path", ["node_modules/**/*", "/root/.npmrc", "vendor/bundle/**/*", "/root/**/*"])
def test_other_paths_belong_to_none(path: str) -> None:
    assert store_at(path) is None

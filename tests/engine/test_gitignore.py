"""Ignore files: a table that reads like git's manual, and git itself as the judge of everything else."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cilint.engine.discover import walk
from cilint.engine.gitignore import Ignores, Level, above, parse

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

# pattern, path (a directory ends in a slash), ignored?
MANUAL = [
    ("", "a.yml", False),
    ("# a comment", "# a comment", False),
    (r"\#literal", "#literal", True),
    (r"\!literal", "!literal", True),
    ("name", "name", True),
    ("name", "deep/below/name", True),
    ("name", "name/", True),
    ("name", "names", False),
    ("name/", "name", False),  # only directories
    ("name/", "name/", True),
    ("name/", "deep/name/", True),
    ("/name", "name", True),  # anchored to the directory of the ignore file
    ("/name", "deep/name", False),
    ("a/b", "a/b", True),  # a slash in the middle anchors too
    ("a/b", "x/a/b", False),
    ("a/b/", "a/b", False),
    ("a/b/", "a/b/", True),
    ("*.yml", "deep/a.yml", True),
    ("*.yml", "a.yaml", False),
    ("a*", "abc", True),
    ("a/*", "a/b", True),
    ("a/*", "a/", False),
    ("a/*.yml", "a/b/c.yml", False),  # one star does not cross a slash
    ("?.yml", "a.yml", True),
    ("?.yml", "ab.yml", False),
    ("?.yml", "é.yml", False),  # git compares bytes, and é has two
    ("a?b", "a/b", False),
    ("[ab].yml", "b.yml", True),
    ("[!ab].yml", "b.yml", False),
    ("[^ab].yml", "c.yml", True),
    ("[a-c]", "b", True),
    ("[]]", "]", True),
    ("[a-]", "-", True),
    ("[[:digit:]].yml", "7.yml", True),
    ("[[:nonsense:]].yml", "7.yml", False),
    ("[unclosed", "u", False),
    ("[unclosed", "[unclosed", False),
    ("**/name", "name", True),
    ("**/name", "a/b/name", True),
    ("**/a/b", "x/a/b", True),
    ("a/**", "a/b/c", True),
    ("a/**", "a/", False),
    ("a/**/b", "a/b", True),
    ("a/**/b", "a/x/y/b", True),
    ("a/x**y/b", "a/x1/y/b", False),  # other stars are ordinary ones
    (r"\*", "*", True),
    (r"\*", "a", False),
    ("trailing ", "trailing", True),
    ("trailing\\ ", "trailing ", True),
    ("trailing\t", "trailing", False),
    ("in between", "in between", True),
    ("carriage\r", "carriage", True),
    ("\ufeffmarked", "marked", True),
    ("backslash\\", "backslash", False),
    ("*.yml\n!keep.yml", "keep.yml", False),
    ("!keep.yml\n*.yml", "keep.yml", True),  # the last pattern that matches decides
    ("/", "a", False),
]


@pytest.mark.parametrize(("lines", "path", "ignored"), MANUAL)
def test_manual(lines: str, path: str, ignored: bool) -> None:
    folder, name = os.path.split(path.rstrip("/"))
    prefix = (folder + "/").encode() if folder else b""
    ignores = Ignores((Level(parse(lines.encode()), prefix),))
    assert ignores.ignores(name, path.endswith("/")) is ignored


@needs_git
@pytest.mark.parametrize(("lines", "path", "ignored"), MANUAL)
def test_the_manual_table_is_what_git_does(tmp_path: Path, lines: str, path: str, ignored: bool) -> None:
    _git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_bytes(lines.encode())
    target = tmp_path / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.mkdir() if path.endswith("/") else target.touch()
    assert (path.rstrip("/") in _ignored_by_git(tmp_path, [path.rstrip("/")])) is ignored


_TREE = [
    "a",
    "b.yml",
    "ab",
    "[a]",
    "-",
    "d/a",
    "d/b.yml",
    "d/e/a",
    "d/e/ab.yml",
    "e/d/e/a",
    "*/a",
    "a b",
    "é",
    "f/a /b",
]
_BITS = ["a", "b", "d", "e", "é", " ", "*", "**", "***", "?", "/", "/**/", "**/", "/**", "!", "\\", "#", ".yml", "-"]
_BITS += [
    "[ab]",
    "[!a]",
    "[^d]",
    "[a-e]",
    "[e-a]",
    "[]",
    "]",
    "[",
    "[[:alpha:]]",
    "[[:space:]",
    "[:",
    "[\\]]",
    "[a-\\e]",
]
_PATTERNS = st.lists(st.lists(st.sampled_from(_BITS), min_size=1, max_size=6).map("".join), max_size=4).map("\n".join)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    _git(root, "init", "-q")
    for path in _TREE:
        target = root / (path + ".dir/x" if path in ("a", "ab") else path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    return root


@needs_git
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(outer=_PATTERNS, inner=_PATTERNS, exclude=_PATTERNS)
def test_git_agrees_on_any_patterns(tree: Path, outer: str, inner: str, exclude: str) -> None:
    (tree / ".gitignore").write_text(outer)
    (tree / "d" / ".gitignore").write_text(inner)
    (tree / ".git" / "info" / "exclude").write_text(exclude)
    found = [path for path in tree.rglob("*") if path.is_file() and ".git" not in path.relative_to(tree).parts]
    files = [str(path.relative_to(tree)) for path in found]
    walked = {os.path.relpath(path, tree) for path in walk(str(tree), lambda name: True) if isinstance(path, str)}
    assert walked == set(files) - _ignored_by_git(tree, files)


@needs_git
def test_a_directory_below_obeys_the_files_above(tmp_path: Path) -> None:
    _git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("/infra/generated/\n*.out.yml\n")
    (tmp_path / "infra" / "generated").mkdir(parents=True)
    ignores = above(str(tmp_path / "infra"))
    assert ignores is not None
    assert ignores.ignores("generated", True)
    assert ignores.ignores("a.out.yml", False)
    assert not ignores.ignores("a.yml", False)
    assert above(str(tmp_path / "infra" / "generated")) is None


@needs_git
def test_a_worktree_finds_info_exclude_of_its_repository(tmp_path: Path) -> None:
    main = tmp_path / "main"
    main.mkdir()
    _git(main, "init", "-q")
    _git(main, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "--allow-empty", "-m", "x")
    _git(main, "worktree", "add", "-q", str(tmp_path / "other"))
    (main / ".git" / "info" / "exclude").write_text("secret.yml\n")
    assert (tmp_path / "other" / ".git").is_file()
    ignores = above(str(tmp_path / "other"))
    assert ignores is not None and ignores.ignores("secret.yml", False)


def test_the_users_own_ignore_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config" / "git").mkdir(parents=True)
    (tmp_path / "config" / "git" / "ignore").write_text("*.local.yml\n")
    (tmp_path / "work" / ".git").mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    ignores = above(str(tmp_path / "work"))
    assert ignores is not None and ignores.ignores("a.local.yml", False)


def test_a_link_is_followed_to_the_users_file_and_not_to_a_repositorys(tmp_path: Path) -> None:
    (tmp_path / "rules").write_text("*.yml\n")
    (tmp_path / ".gitignore").symlink_to("rules")
    assert Ignores().with_gitignore(str(tmp_path)) == Ignores()
    assert Ignores().with_file(str(tmp_path / ".gitignore")).ignores("a.yml", False)


def test_a_pattern_of_many_stars_does_not_hang() -> None:
    ignores = Ignores((Level(parse(b"*a" * 40 + b"*b")),))
    started = time.perf_counter()
    assert not ignores.ignores("a" * 250, False)
    assert ignores.ignores("a" * 249 + "b", False)
    assert time.perf_counter() - started < 1


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, env=_environment(folder))


def _ignored_by_git(folder: Path, paths: list[str]) -> set[str]:
    told = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin", "-z"],
        cwd=folder,
        input="\0".join(paths).encode(),
        capture_output=True,
        check=False,
        env=_environment(folder),
    )
    assert told.returncode in (0, 1), told.stderr
    return {path.decode() for path in told.stdout.split(b"\0") if path}


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "XDG_CONFIG_HOME": "/nowhere",
    }

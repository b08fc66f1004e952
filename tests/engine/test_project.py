"""The project around a file: its root, its files, and what a check may ask about them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cilint.engine import project
from cilint.engine.neighbourhood import MAX_READ, DiskTree
from cilint.engine.project import project_files, project_root


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    project._listed.cache_clear()
    yield
    project._listed.cache_clear()


def put(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")


def test_the_root_is_the_nearest_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    put(tmp_path, "app/cilint.toml", "app/deploy/appspec.yml")
    assert project_root(str(tmp_path / "app" / "deploy")) == str(tmp_path)
    put(tmp_path, "app/.git")  # a submodule's is a file
    assert project_root(str(tmp_path / "app" / "deploy")) == str(tmp_path / "app")


@pytest.mark.parametrize("name", project.CONFIGURATIONS)
def test_without_a_repository_the_root_has_the_configuration(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, "app/deploy/appspec.yml")
    assert project_root(str(tmp_path / "app" / "deploy")) == str(tmp_path)


def test_without_either_it_is_the_directory_itself(tmp_path: Path) -> None:
    put(tmp_path, "app/appspec.yml")
    assert project_root(str(tmp_path / "app")) == str(tmp_path / "app")


def test_the_files_are_those_that_git_does_not_ignore(tmp_path: Path) -> None:
    put(tmp_path, ".git/config", "app/appspec.yml", "scripts/start.sh", "out/start.sh", "node_modules/x/start.sh")
    (tmp_path / ".gitignore").write_text("out/\n")
    files = project_files(str(tmp_path / "app"))
    assert files.by_name["start.sh"] == [str(tmp_path / "scripts" / "start.sh")]
    assert files.complete


def test_a_project_that_is_too_large_is_known_in_part_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, *(f"{number}.txt" for number in range(10)))
    monkeypatch.setattr(project, "MAX_FILES", 9)
    files = project_files(str(tmp_path))
    assert (len(files.by_name), files.complete) == (9, False)


def test_a_project_that_takes_too_long_is_known_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.txt")
    monkeypatch.setattr(project, "MAX_SECONDS", -1.0)
    assert not project_files(str(tmp_path)).complete


def test_find_gives_paths_from_the_checked_files_directory(tmp_path: Path) -> None:
    put(tmp_path, ".git/config", "deploy/appspec.yml", "deploy/here.sh", "scripts/start.sh")
    tree = DiskTree(str(tmp_path / "deploy"))
    assert tree.find("start.sh") == ("../scripts/start.sh",)
    assert tree.find("here.sh") == ("here.sh",)
    assert tree.find("stop.sh") == ()


def test_find_gives_a_few(tmp_path: Path) -> None:
    put(tmp_path, *(f"{number}/start.sh" for number in range(9)))
    assert len(DiskTree(str(tmp_path)).find("start.sh")) == 5


def test_what_lies_around(tmp_path: Path) -> None:
    put(tmp_path, "start.sh")
    tree = DiskTree(str(tmp_path))
    assert tree.exists("start.sh") and tree.exists(".") and not tree.exists("stop.sh")
    assert tree.read("start.sh") == b"x" and tree.read("stop.sh") is None and tree.read(".") is None


def test_an_absolute_path_is_of_another_machine(tmp_path: Path) -> None:
    put(tmp_path, "start.sh")
    tree = DiskTree(str(tmp_path))
    assert not tree.exists(str(tmp_path / "start.sh"))
    assert tree.read(str(tmp_path / "start.sh")) is None


def test_a_path_that_no_system_takes(tmp_path: Path) -> None:
    tree = DiskTree(str(tmp_path))
    assert (
        not tree.exists("a\0b") and tree.read("a\0b") is None and not (os.name == "posix" and tree.executable("a\0b"))
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this platform")
def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert DiskTree(str(tmp_path)).read("pipe") is None


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * (MAX_READ + 1))
    assert DiskTree(str(tmp_path)).read("large") is None


@pytest.mark.skipif(os.name != "posix", reason="executable bits are POSIX's")
def test_executable(tmp_path: Path) -> None:
    put(tmp_path, "start.sh")
    tree = DiskTree(str(tmp_path))
    assert not tree.executable("start.sh")
    (tmp_path / "start.sh").chmod(0o755)
    assert tree.executable("start.sh")

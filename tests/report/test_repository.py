"""The repository as `.git` tells it, without running git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cilint.report.repository import Revision, repository_uri, revision, root

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("url", "uri"),
    [
        ("https://github.com/owner/name.git", "https://github.com/owner/name.git"),
        ("https://user:token@github.com/owner/name.git", "https://github.com/owner/name.git"),
        ("https://x-access-token@github.com:8443/owner/name", "https://github.com:8443/owner/name"),
        ("https://git.example/name.git?private_token=abc", "https://git.example/name.git"),
        ("git@github.com:owner/name.git", "ssh://github.com/owner/name.git"),
        ("ssh://git@github.com/owner/name.git", "ssh://github.com/owner/name.git"),
        ("codecommit::eu-central-1://name", ""),
        ("/srv/git/name.git", ""),
        ("../name", ""),
        ("C:\\git\\name", ""),
        ("file:///srv/git/name.git", ""),
        ("", ""),
    ],
)
def test_an_address_carries_no_credentials_and_no_path_of_this_machine(url: str, uri: str) -> None:
    assert repository_uri(url) == uri


def git(folder: Path, *arguments: str) -> str:
    settings = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit and an origin."""
    git(tmp_path, "init", "repository")
    folder = tmp_path / "repository"
    git(folder, "commit", "--allow-empty", "-m", "Begin")
    git(folder, "remote", "add", "origin", "https://me:secret@github.com/owner/name.git")
    return folder


def test_a_branch(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    assert revision(str(repository)) == Revision("https://github.com/owner/name.git", commit, "main")


def test_packed_references(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    git(repository, "pack-refs", "--all")
    assert revision(str(repository)) == Revision("https://github.com/owner/name.git", commit, "main")


def test_a_detached_head(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "--detach")
    assert revision(str(repository)) == Revision("https://github.com/owner/name.git", commit, "")


def test_a_worktree(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    git(repository, "worktree", "add", "-b", "topic/one", "../tree")
    tree = repository.parent / "tree"
    assert root(str(tree)) == str(tree)
    assert revision(str(tree)) == Revision("https://github.com/owner/name.git", commit, "topic/one")


@pytest.mark.parametrize("content", ["", "gitdir: nowhere\n", "\0"])
def test_a_broken_repository_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / ".git").write_text(content)
    assert revision(str(tmp_path)) is None


def test_the_root_is_the_nearest_folder_with_git_in_it(repository: Path, tmp_path: Path) -> None:
    (repository / "a/b").mkdir(parents=True)
    assert root(str(repository / "a/b")) == str(repository)
    (tmp_path / "lone").mkdir()
    assert root(str(tmp_path / "lone")) == str(tmp_path / "lone")

"""What several tests need: the corpus of real files, where it is at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cilint.cli.settings import PULL_REQUEST

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The directory of real public files; tests that need it are skipped where it is absent."""
    path = Path(os.environ.get("CILINT_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not path.is_dir():
        pytest.skip("the corpus of real files is not on this machine (CILINT_CORPUS names it)")
    return path


@pytest.fixture(scope="session", autouse=True)
def no_pull_request() -> None:
    """The tests are no run for a pull request, although they may run in the build of one."""
    for name in PULL_REQUEST:
        os.environ.pop(name, None)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository, with the working directory in it."""
    (tmp_path / "project/.git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"

"""A report file is written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cilint.report.write import obstacle, write


def test_a_new_file_has_the_mode_that_new_files_have(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(str(tmp_path / "out.sarif"), "{}\n")
    finally:
        os.umask(before)
    assert (tmp_path / "out.sarif").read_text() == "{}\n"
    assert stat.S_IMODE((tmp_path / "out.sarif").stat().st_mode) == 0o640


def test_an_old_file_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("old and longer")
    (tmp_path / "out.json").chmod(0o604)
    write(str(tmp_path / "out.json"), "é")
    assert (tmp_path / "out.json").read_bytes() == "é".encode()
    assert stat.S_IMODE((tmp_path / "out.json").stat().st_mode) == 0o604


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.txt").symlink_to("real/out.txt")
    write(str(tmp_path / "link.txt"), "text")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real/out.txt").read_text() == "text"


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    (tmp_path / "out.txt").write_text("old")

    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space left"):
        write(str(tmp_path / "out.txt"), "new")
    assert os.listdir(tmp_path) == ["out.txt"]
    assert (tmp_path / "out.txt").read_text() == "old"


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert obstacle(str(tmp_path / "pipe")) == ""
        write(str(tmp_path / "pipe"), "text")
        assert os.read(reader, 100) == b"text"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_what_stands_in_the_way_is_known_before_and_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert obstacle(str(tmp_path / "folder")) == "it is a directory"
    assert obstacle(str(tmp_path / "none/out.txt")) == f"there is no directory {tmp_path}/none"
    assert obstacle(str(tmp_path / "out.txt")) == ""
    assert os.listdir(tmp_path) == ["folder"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_file_or_folder_that_may_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "out.txt").write_text("")
    (tmp_path / "out.txt").chmod(0o444)
    assert obstacle(str(tmp_path / "out.txt")) == "it is not writable"
    (tmp_path / "out.txt").unlink()
    tmp_path.chmod(0o555)
    assert obstacle(str(tmp_path / "out.txt")) == "Permission denied"
    tmp_path.chmod(0o755)

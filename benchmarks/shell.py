"""What reading the commands of builds costs: CPU per buildspec with and without the rules that look into commands.

    python benchmarks/shell.py [--runs 7] [FOLDER]

Four ways to check the same buildspecs are run in turn: with all rules, without the family SH, as builds for PowerShell
(nothing reads the commands then), and with shellcheck. FOLDER holds buildspecs of yours; without it the material's is
copied. What is printed are medians, and the median of the ratios to the first way round by round.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Final

from peers import HERE, measure, tool

COPIES: Final = 200


def for_powershell(text: str) -> str:
    """The same buildspec for a shell that no rule reads."""
    changed, count = re.subn(r"(?m)^env:[ \t]*\r?\n([ \t]+)", r"env:\n\1shell: powershell.exe\n\1", text, count=1)
    return changed if count else f"{text.rstrip()}\nenv: {{shell: powershell.exe}}\n"


def material(source: Path | None) -> list[str]:
    """The buildspecs to check."""
    if source is None:
        return [(HERE / "material" / "buildspec.yml").read_text()] * COPIES
    found = sorted(path for path in source.rglob("*.y*ml") if path.is_file())
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in found]
    return [text for text in texts if "phases:" in text and "Resources:" not in text]


def written(folder: Path, texts: list[str]) -> str:
    """The folder with the texts as buildspecs in it."""
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"buildspec-{number}.yml").write_text(text, encoding="utf-8")
    return str(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("folder", nargs="?", type=Path)
    options = parser.parse_args()
    texts = material(options.folder)
    with tempfile.TemporaryDirectory() as work:
        same = written(Path(work) / "same", texts)
        other = written(Path(work) / "other", [for_powershell(text) for text in texts])
        first = str(Path(same) / "buildspec-0.yml")
        check = [tool("cilint"), "check", "--isolated", "--exit-zero"]
        ways = {
            "all rules": [*check, same],
            "without SH": [*check, "--ignore", "SH", same],
            "for PowerShell": [*check, other],
        }
        if shutil.which("shellcheck") or shutil.which(tool("shellcheck")):
            ways["with shellcheck"] = [*check, "--shellcheck", same]
        else:
            print("shellcheck is not installed here")
        rounds = [
            {name: measure(command).cpu for name, command in ways.items()} | {"start": measure([*check, first]).cpu}
            for _ in range(options.runs + 1)
        ][1:]
    print(f"{len(texts)} buildspecs, medians of {options.runs} rounds")
    for name in ways:
        each = statistics.median((row[name] - row["start"]) / max(len(texts) - 1, 1) for row in rounds)
        ratio = statistics.median(
            (row[name] - row["start"]) / max(row["all rules"] - row["start"], 1e-9) for row in rounds
        )
        print(f"  {name:<16} {each * 1000:6.2f} ms of CPU a file, {ratio:5.2f} x all rules")


if __name__ == "__main__":
    main()

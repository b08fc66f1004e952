"""Rewrite what the documents show of the program: README's example output and the table of rules.

    python scripts/refresh_docs.py [--check]

With --check nothing is written; the exit code is 1 when a document is out of date.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent


def cilint(*arguments: str) -> str:
    """What `cilint` prints. The time that a run took is always shown as the same."""
    command = [sys.executable, "-m", "cilint", *arguments]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    return re.sub(r", \d+\.\d\d s\)", ", 0.02 s)", text)


def readme(text: str) -> str:
    """README with the present output of its first command."""
    return replaced(text, r"```text\n.*?```", "```text\n" + cilint("check", "fixtures/first-look") + "```")


def rules(text: str) -> str:
    """rules/README.md with the present table of rules."""
    table = cilint("rules", "--format", "markdown")
    return replaced(text, r"\| id \| name \|.*?(?=\n\n|\Z)", table.rstrip("\n"))


def replaced(text: str, pattern: str, by: str) -> str:
    """The text with the only match of the pattern replaced. Raises ValueError when there is not exactly one."""
    result, count = re.subn(pattern, lambda _: by, text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"expected one place that matches {pattern!r}, found {count}")
    return result


DOCUMENTS: dict[str, Callable[[str], str]] = {"README.md": readme, "rules/README.md": rules}


def main() -> int:
    outdated = []
    for name, refresh in DOCUMENTS.items():
        path = ROOT / name
        before = path.read_text(encoding="utf-8")
        after = refresh(before)
        if after != before:
            outdated.append(name)
            if "--check" not in sys.argv:
                path.write_text(after, encoding="utf-8")
    if outdated:
        print("out of date:" if "--check" in sys.argv else "rewritten:", ", ".join(outdated))
    return 1 if outdated and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())

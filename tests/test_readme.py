"""What README and CONTRIBUTING show is what a user gets."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

from cilint.core.context import EmptyTree
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from cilint.engine.pages import parse

ROOT = Path(__file__).parent.parent


def test_documents_show_what_the_program_says() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/refresh_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr + "run `python scripts/refresh_docs.py`"


def test_the_rule_of_contributing_works(tmp_path: Path) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    page, code = re.search(r"```yaml\n(.*?)```", text, re.DOTALL), re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert page and code
    checkout = tmp_path / "checkout"
    for name in ("cilint", "rules", "schemas"):
        (checkout / name).parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-r", ROOT / name, checkout / name], check=True)
    (checkout / "rules/buildspec/sudo-in-build.yaml").write_text(page[1])
    module = checkout / "cilint/checks/buildspec/sudo.py"
    imports = """\
        \"\"\"The check of CONTRIBUTING.\"\"\"

        from __future__ import annotations

        from collections.abc import Iterator

        from cilint.core.finding import Finding
        from cilint.core.rule import check
        from cilint.model.buildspec import Command


    """
    module.write_text(textwrap.dedent(imports).lstrip() + code[1])
    example = parse("buildspec/sudo-in-build.yaml", page[1].encode()).data["bad"][0]["file"]
    (checkout / "buildspec.yml").write_text(example)
    done = subprocess.run(
        [sys.executable, "-m", "cilint", "check", "buildspec.yml", "--format", "concise"],
        cwd=checkout,
        capture_output=True,
        text=True,
    )
    assert "buildspec.yml:5:9: note: commands run as root already; drop `sudo` [BS901 sudo-in-build]" in done.stdout
    assert done.returncode == 0, done.stderr


def test_the_rule_of_contributing_is_not_taken() -> None:
    assert rule_index.load().by_name("sudo-in-build") is None
    assert analyze("buildspec.yml", b"version: 0.2\nphases: {}\n", rule_index.load().rules, EmptyTree()).checked

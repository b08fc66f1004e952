"""What a plain `cilint check` may import: nothing heavy, and nothing that a plain check does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FORBIDDEN = {
    "asyncio",
    "cfnlint",
    "click",
    "concurrent.futures",
    "difflib",
    "email",
    "importlib.metadata",
    "importlib.resources",
    "jsonschema",
    "logging",
    "multiprocessing",
    "policyuniverse",
    "pydantic",
    "rich",
    "ruamel",
    "ruamel.yaml",
    "sqlite3",
    "subprocess",
    "tomllib",
    "unittest",
    "urllib.request",
}


def modules_of(*arguments: str) -> set[str]:
    """The modules that a run of `cilint` has imported when it ends."""
    code = (
        "import sys, atexit\n"
        "atexit.register(lambda: sys.stderr.write('\\n'.join(sys.modules)))\n"
        f"sys.argv = ['cilint', *{arguments!r}]\n"
        "from cilint.__main__ import main\n"
        "main()\n"
    )
    # The first run in a checkout compiles the rule index; what is measured is every later one.
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    return set(done.stderr.split("\n"))


def test_a_plain_check_imports_nothing_heavy() -> None:
    modules = modules_of("check", "fixtures/first-look")
    assert "cilint.engine.analyze" in modules
    assert not modules & FORBIDDEN


def test_other_reports_and_commands_stay_out_of_a_plain_check() -> None:
    modules = modules_of("check", "fixtures/first-look")
    assert not {name for name in modules if name.startswith("cilint.report.")} - {
        "cilint.report.text",
        "cilint.report.excerpt",
    }
    assert not {name for name in modules if name.startswith("cilint.cli.")} - {
        "cilint.cli.book",
        "cilint.cli.checking",
        "cilint.cli.output",
        "cilint.cli.quick",
        "cilint.cli.settings",
    }


def test_pages_and_rules_of_others_are_not_read_by_a_plain_check() -> None:
    modules = modules_of("check", "fixtures/first-look")
    assert not modules & {"cilint.engine.pages", "cilint.engine.extensions", "cilint.engine.examples", "cilint.api"}


def test_the_version_needs_no_engine() -> None:
    assert not {name for name in modules_of("--version") if name.startswith(("cilint.engine", "yaml"))}

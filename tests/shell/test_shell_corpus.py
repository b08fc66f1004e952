"""Every command of every public buildspec at hand can be parsed, and nearly all of them without a grammar error."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from cilint.shell.dialect import dialect, is_posix
from cilint.shell.script import FAILED_BUILD, parse
from cilint.shell.tools import install_of, publish_of

CORPUS = Path(os.environ.get("CILINT_CORPUS", Path(__file__).parents[2] / ".." / "shared" / "corpus"))


def builds() -> Iterator[list[str]]:
    for path in sorted(CORPUS.rglob("*")):
        if path.suffix not in (".yml", ".yaml") or "phases:" not in path.read_text("utf-8", "replace"):
            continue
        try:
            document = yaml.safe_load(path.read_text("utf-8-sig", "replace"))
        except yaml.YAMLError:
            continue
        phases = document.get("phases") if isinstance(document, dict) else None
        if isinstance(phases, dict):
            yield [
                command
                for phase in phases.values()
                if isinstance(phase, dict)
                for command in [*(phase.get("commands") or []), *(phase.get("finally") or [])]
                if isinstance(command, str)
            ]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of public files is not here (set CILINT_CORPUS)")
def test_every_command_can_be_parsed() -> None:
    scripts = {command for build in builds() if is_posix(dialect(None, build)) for command in build}
    unreadable = 0
    for text in scripts:
        script = parse(text)
        unreadable += script.has_error
        for command in script.commands:
            assert all(text[word.start : word.end] == word.raw for word in command.words)
            script.runs(command, FAILED_BUILD)
            install_of(command)
            publish_of(command)
    assert len(scripts) > 500
    assert unreadable <= len(scripts) / 100

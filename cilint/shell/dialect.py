"""Which shell a build's commands are written for. A wrong answer would misread all of them, so the default is sh."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from cilint.source.pattern import lazy

SH: Final = "sh"
BASH: Final = "bash"
POWERSHELL: Final = "powershell"
CMD: Final = "cmd"

_NAMED: Final = {
    "sh": SH,
    "bash": BASH,
    "powershell": POWERSHELL,
    "pwsh": POWERSHELL,
    "cmd": CMD,
}

_POSIX: Final = lazy(
    r"^\s*(?:export\s+\w+=|\w+=\S|(?:el)?if\s+(?:!\s+)?(?:\[|test\s)|fi\b|done\b|esac\b|set\s+-[a-z])", re.MULTILINE
)
_VERBS: Final = (
    "Add|Clear|Compress|Connect|Convert|ConvertFrom|ConvertTo|Copy|Disable|Enable|Expand|Export|ForEach|Format|Get|"
    "Import|Install|Invoke|Join|Measure|Move|New|Out|Publish|Push|Pop|Read|Register|Remove|Rename|Resolve|Select|Send|"
    "Set|Sort|Split|Start|Stop|Test|Unblock|Uninstall|Update|Wait|Where|Write"
)
_POWERSHELL: Final = lazy(
    rf"(?:^|[|;{{(=])\s*(?:{_VERBS})-[A-Z][A-Za-z]+\b"  # a cmdlet in the place of a command
    r"|\$env:[A-Za-z_]\w*"
    r"|^\s*\$[A-Za-z_]\w*\s+=\s"  # an assignment as only PowerShell writes it
    r"|\bif\s*\(\s*(?:-not\b|!?\$)"
    r"|\$(?:LASTEXITCODE|ErrorActionPreference)\b",
    re.MULTILINE,
)
_CMD: Final = lazy(
    r"%[A-Za-z_][A-Za-z0-9_]{2,}%"  # not `date +%Y%m%d`
    r"|^\s*if\s+(?:not\s+)?(?:exist|defined|errorlevel)\s"
    r"|^\s*@echo\s+off\b"
    r"|^\s*(?:call|rem)\s+\S+\.(?:bat|cmd)\b",
    re.MULTILINE | re.IGNORECASE,
)
# `copy`, `dir` and the like are known to cmd.exe and, as aliases, to PowerShell, CodeBuild's default on Windows.
_WINDOWS: Final = lazy(
    r"^\s*(?:copy|xcopy|robocopy|move|del|dir|rmdir|rd|md|type)\s.*\\|^\s*(?:[A-Za-z]:|\.)\\", re.MULTILINE
)


def dialect(shell: str | None, commands: Iterable[str] = ()) -> str:
    """SH, BASH, POWERSHELL or CMD.

    `shell` is the text of `env.shell`, which decides where it names a shell that is known; `commands` are the build's
    commands, whose look decides otherwise. Linux builds run sh and Windows builds powershell.exe where `env.shell`
    says nothing (CodeBuild user guide, build specification reference).
    """
    named = _NAMED.get(_basename(shell)) if shell else None
    if named:
        return named
    return evident(commands) or SH


def evident(commands: Iterable[str]) -> str:
    """SH, POWERSHELL or CMD where the look of the commands tells, else empty."""
    text = "\n".join(commands)
    if _POSIX.search(text):
        return SH
    if _POWERSHELL.search(text):
        return POWERSHELL
    if _CMD.search(text):
        return CMD
    return POWERSHELL if _WINDOWS.search(text) else ""


def names_a_shell(shell: str) -> bool:
    """Whether a text of `env.shell` names one of these."""
    return _basename(shell) in _NAMED


def is_posix(name: str) -> bool:
    """Whether commands of this dialect can be parsed by `script.parse`."""
    return name in (SH, BASH)


def _basename(shell: str) -> str:
    return re.split(r"[\\/]", shell.strip())[-1].lower().removesuffix(".exe")

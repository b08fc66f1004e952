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
    " Add Clear Compress Connect Convert ConvertFrom ConvertTo Copy Disable Enable Expand Export ForEach Format Get "
    "Import Install Invoke Join Measure Move New Out Publish Push Pop Read Register Remove Rename Resolve Select Send "
    "Set Sort Split Start Stop Test Unblock Uninstall Update Wait Where Write "
)
_CMDLETS: Final = (
    " copy-item expand-archive compress-archive get-childitem get-content invoke-expression invoke-webrequest new-item "
    "remove-item set-content set-location start-process test-path write-host write-output "
)
"""Those that people write in lower case, too."""
_IN_PLACE_OF_COMMAND: Final = lazy(r"(?:^|[|;{(=])\s*([A-Za-z]+)-([A-Za-z]+)\b", re.MULTILINE)
_POWERSHELL: Final = lazy(
    r"\$env:[A-Za-z_]\w*"
    r"|^\s*\$[A-Za-z_]\w*\s+=\s"  # an assignment as only PowerShell writes it
    r"|\bif\s*\(\s*(?:-not\b|!?\$)"
    r"|\$(?:LASTEXITCODE|ErrorActionPreference)\b"
    r"|^\s*&\s*(?:[\"'$.]|(?<=\s)\w)",  # its operator that runs a program
    re.MULTILINE,
)
# Of a text in lower case: ignoring case costs re a table of its own.
_CMD: Final = lazy(
    r"%[a-z_][a-z0-9_]{2,}%"  # not `date +%Y%m%d`
    r"|^\s*if\s+(?:not\s+)?(?:exist|defined|errorlevel)\s"
    r"|^\s*@echo\s+off\b"
    r"|^\s*(?:call|rem)\s+\S+\.(?:bat|cmd)\b",
    re.MULTILINE,
)
# `copy`, `dir` and the like are known to cmd.exe and, as aliases, to PowerShell, CodeBuild's default on Windows.
_WINDOWS: Final = lazy(
    r"^\s*(?:copy|xcopy|robocopy|move|del|dir|rmdir|rd|md|type)\s.*\\|^\s*(?:[A-Za-z]:|\.)\\", re.MULTILINE
)
# Programs that only Windows has; `pwsh` runs anywhere, and what is handed to it tells nothing of the build's own shell.
_ON_WINDOWS: Final = lazy(
    r"^\s*(?:choco|powershell(?:\.exe)?|[A-Za-z][\w-]*\.exe)\s|^\s*cmd(?:\.exe)?\s+/[cC]\s", re.MULTILINE
)


def dialect(shell: str | None, commands: Iterable[str] = (), windows: bool | None = None) -> str:
    """SH, BASH, POWERSHELL or CMD.

    `shell` is the text of `env.shell`, which decides where it names a shell that is known. Else `windows` does, where
    the build's environment is known: Linux builds run sh and Windows builds powershell.exe (CodeBuild user guide,
    build specification reference). Else the look of `commands`, the build's commands, does.
    """
    named = _NAMED.get(_basename(shell)) if shell else None
    if named:
        return named
    if windows is not None:
        return POWERSHELL if windows else SH
    return evident(commands) or SH


def evident(commands: Iterable[str]) -> str:
    """SH, POWERSHELL or CMD where the look of the commands tells, else empty."""
    text = "\n".join(command for command in commands if not command.lstrip().startswith("pwsh "))
    if _POSIX.search(text):
        return SH
    if _POWERSHELL.search(text) or any(map(_is_cmdlet, _IN_PLACE_OF_COMMAND.finditer(text))):
        return POWERSHELL
    if _CMD.search(text.lower()):
        return CMD
    return POWERSHELL if _WINDOWS.search(text) or _ON_WINDOWS.search(text) else ""


def _is_cmdlet(match: re.Match[str]) -> bool:
    verb, noun = match.groups()
    return (noun[0].isupper() and f" {verb} " in _VERBS) or f" {verb}-{noun} ".lower() in _CMDLETS


def names_a_shell(shell: str) -> bool:
    """Whether a text of `env.shell` names one of these."""
    return _basename(shell) in _NAMED


def is_posix(name: str) -> bool:
    """Whether commands of this dialect can be parsed by `script.parse`."""
    return name in (SH, BASH)


def _basename(shell: str) -> str:
    return re.split(r"[\\/]", shell.strip())[-1].lower().removesuffix(".exe")

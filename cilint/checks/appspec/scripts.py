"""Checks of what the hook scripts of an EC2/on-premises appspec do, where the script lies beside it.

The finding stands at the `location` that names the script, and has the place there as a related one. That a script is
there and can be started is looked at in `bundle`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cilint.catalog.secrets import credential, secret_by_name
from cilint.checks.appspec.bundle import located
from cilint.core.context import Context, Tree
from cilint.core.finding import Confidence, Elsewhere, Finding, Related, Severity
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.model.appspec_ec2 import AppspecEC2
from cilint.shell.script import BACKGROUND, COUNTS, FUNCTION, Redirect, SimpleCommand, parse
from cilint.shell.script import Script as ShellScript
from cilint.source.nodes import Scalar
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple
from cilint.source.text import Text, decode

MAX_SCRIPT: Final = 100_000
_SHELL: Final = lazy(rb"#!\s*\S*(?:/|env\s+)(?:ba|da|k)?sh\b")
_SHELL_ENDINGS: Final = (".sh", ".bash")


class HookScript(NamedTuple):
    """A hook's script that lies beside the appspec and is written for a POSIX shell; `as_root` tells that no other user
    runs it."""

    event: str
    location: Scalar
    path: str
    shell: ShellScript
    as_root: bool = True

    def line(self, command: SimpleCommand) -> int:
        """The line of the script that a command starts in, from 1."""
        return self.shell.text.count("\n", 0, command.start) + 1

    def at(self, command: SimpleCommand) -> str:
        return f"line {self.line(command)} of `{shown(self.path)}`"

    def place(self, command: SimpleCommand, context: Context) -> tuple[Related, ...]:
        """The command in the script."""
        directory = posixpath.dirname(context.path.replace("\\", "/"))
        path = posixpath.normpath(posixpath.join(directory, self.path))
        return (Related(command.span, "the command", Elsewhere(path, Text(self.shell.text))),)


def shell_scripts(appspec: AppspecEC2, tree: Tree) -> Iterator[HookScript]:
    """The scripts that can be read as the shell does; one that several hooks of an event name comes once."""
    seen: set[tuple[str, str]] = set()
    for script, location, path in () if appspec.on_windows else located(appspec):
        event = script.hook.name
        if (event, path) in seen:
            continue
        seen.add((event, path))
        data = tree.read(path)
        if data is not None and len(data) <= MAX_SCRIPT and _is_shell(path, data):
            as_root = script.runas is None or script.runas.value.strip() in ("", "root")
            yield HookScript(event, location, path, _parsed(data), as_root)


def _is_shell(path: str, data: bytes) -> bool:
    if data.startswith(b"#!"):
        return _SHELL.match(data) is not None
    return path.endswith(_SHELL_ENDINGS)


@lru_cache(maxsize=32)
def _parsed(data: bytes) -> ShellScript:
    return parse(decode(data).content.replace("\r\n", "\n"))


# A process that keeps the script's output


@check("script-leaves-output-open")
def script_leaves_output_open(appspec: AppspecEC2, context: Context) -> Iterator[Finding]:
    """A process in the background that holds the output of the script, for whose end the agent waits."""
    seen: set[str] = set()
    for script in shell_scripts(appspec, context.tree):
        left = next(_left_open(script.shell), None)
        if left is None or script.path in seen:
            continue
        seen.add(script.path)
        yield Finding(
            script.location.span,
            f"`{_list(left, script.shell) or _started(left)}` in {script.at(left)} goes on in the background with the "
            'script\'s output, and the agent waits for its end until the timeout: "failed to close STDOUT"; write `'
            + ("{ ...; }" if _list(left, script.shell) else f"nohup {shown(left.words[0].raw)} ...")
            + f" > {'/var/log' if script.as_root else '/tmp'}/app.log 2>&1 < /dev/null &`",
            related=script.place(left, context),
        )


def _left_open(shell: ShellScript) -> Iterator[SimpleCommand]:
    """The processes that outlive the script with its output; none where it waits for them or sends it elsewhere."""
    if "&" not in shell.text or any(_waits(command) for command in shell.commands):
        return
    for command in shell.commands:
        outlives = command.failure == BACKGROUND and command.name not in _SHORT
        # Of a group or a function it is not seen where the output of the whole goes.
        if outlives and command.words and not command.inside and not _is_elsewhere(command.redirects):
            yield command


def _list(command: SimpleCommand, shell: ShellScript) -> str | None:
    """The line of a list (`a || b &`), all of which goes on in the background; None of a command alone."""
    start = shell.text.rfind("\n", 0, command.start) + 1
    line = shell.text[start:].split("\n", 1)[0].strip()
    return shown(line) if "||" in line or "&&" in line else None


_SHORT: Final = frozenset(("sleep", "echo", "disown", "true"))
_OUTPUT: Final = (">", ">>", ">|")


def _waits(command: SimpleCommand) -> bool:
    """Whether the command waits for what is in the background, or redirects the whole script."""
    return command.name == "wait" or (command.name == "exec" and len(command.words) == 1 and bool(command.redirects))


def _is_elsewhere(redirects: tuple[Redirect, ...]) -> bool:
    """Whether both outputs go somewhere else."""
    if any(each.operator in ("&>", "&>>") for each in redirects):
        return True
    sent = {each.descriptor or "1" for each in redirects if each.operator in (*_OUTPUT, ">&")}
    return {"1", "2"} <= sent


def _started(command: SimpleCommand) -> str:
    return shown(" ".join(word.raw for word in command.words[:3]))


# Paths that count on the current directory


@check("relative-path-in-script")
def relative_path_in_script(appspec: AppspecEC2, context: Context) -> Iterator[Finding]:
    """A path of the bundle that a script names as if it ran there; the agent starts scripts in its own directory."""
    seen: set[str] = set()
    for script in shell_scripts(appspec, context.tree):
        if script.path in seen:
            continue
        seen.add(script.path)
        for command in _before_cd(script.shell):
            path = next((word for word in _paths(command) if _is_in_bundle(word, script.path, context.tree)), None)
            if path is not None:
                yield Finding(
                    script.location.span,
                    f"{script.at(command)} counts on `{shown(path)}` in the current directory, which is the agent's "
                    'and not the bundle; begin the script with `cd "$(dirname "$0")"`, or write the full path',
                    related=script.place(command, context),
                )
                break


def _before_cd(shell: ShellScript) -> Iterator[SimpleCommand]:
    """The commands that run in the directory in which the agent starts the script."""
    for command in shell.commands:
        if command.name in ("cd", "pushd"):
            return
        if FUNCTION not in command.inside and command.name not in _NAMES_ONLY:
            yield command


_NAMES_ONLY: Final = frozenset(("echo", "printf", "mkdir", "touch", "[", "[[", "test", "git"))
_RELATIVE: Final = lazy(r"(?:\.{1,2}/)?[\w.@+-]+(?:/[\w.@+-]+)*\Z")
_READERS: Final = frozenset(("source", ".", "bash", "sh", "python", "python3", "node", "ruby", "php", "perl", "java"))


def _paths(command: SimpleCommand) -> Iterator[str]:
    """What of a command is written as a relative path: with a slash, or what an interpreter is told to run."""
    for index, word in enumerate(command.words):
        text = word.text
        runs = index > 0 and command.name in _READERS and "." in (text or "")
        if text and _RELATIVE.match(text) and ("/" in text or runs):
            yield text


def _is_in_bundle(path: str, script: str, tree: Tree) -> bool:
    """Whether the bundle has such a path, from its root or from the script's directory."""
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(script), path))
    root = posixpath.normpath(path)
    return any(not each.startswith("..") and tree.read(each) is not None for each in (root, beside))


# Stopping what does not run


@check("stop-fails-when-stopped")
def stop_fails_when_stopped(appspec: AppspecEC2, context: Context) -> Iterator[Finding]:
    """A script that ends with an error where there is nothing to stop."""
    for script in shell_scripts(appspec, context.tree):
        if script.event not in _STOPPING:
            continue
        for command in script.shell.commands:
            needs = _needs(command) if command.failure == COUNTS and not command.conditions else None
            if needs is None or FUNCTION in command.inside:
                continue
            yield Finding(
                script.location.span,
                f"`{_started(command)}` in {script.at(command)} fails where {needs.what}, and "
                f"{_STOPPING[script.event]}; " + _ask_first(command),
                severity=needs.severity,
                confidence=needs.confidence,
                related=script.place(command, context),
            )
            break


_STOPPING: Final = {
    "ApplicationStop": "then `ApplicationStop` fails in every deployment until it is mended on the instance",
    "BeforeInstall": "with it the first deployment to an instance",
}


class _Need(NamedTuple):
    """What is not there when a command fails that stops something, and how sure the finding is."""

    what: str
    severity: Severity | None = None
    confidence: Confidence | None = None


_NOT_RUNNING: Final = _Need("nothing of the kind runs")
_NOT_THERE: Final = _Need("there is no such container")
_NO_SERVICE: Final = _Need("the service is not installed", "note", "low")


def _needs(command: SimpleCommand) -> _Need | None:
    """What a command that stops something needs; None for others."""
    if command.name in ("pkill", "killall") or (command.name == "xargs" and command.matches("xargs", "kill")):
        return _NOT_RUNNING
    if command.name == "kill" and any(word.names or "$(" in word.raw or "`" in word.raw for word in command.args):
        return _NOT_RUNNING
    if command.matches("docker", "stop|kill") or (command.matches("docker", "rm") and not _is_forced(command)):
        return _NOT_THERE
    if command.matches("pm2", "stop|delete|del"):
        return _NOT_RUNNING
    if command.matches("systemctl", "stop|disable") or (command.name == "service" and _last(command) == "stop"):
        return _NO_SERVICE
    return None


def _ask_first(command: SimpleCommand) -> str:
    if command.name == "xargs":
        return "write `xargs -r kill`, which does nothing then, or `|| true` behind it"
    return "ask first whether it is there, or write `|| true` behind it"


def _is_forced(command: SimpleCommand) -> bool:
    return any(re.match(r"-\w*f|--force\Z", word.raw) for word in command.args)


def _last(command: SimpleCommand) -> str | None:
    return command.words[-1].text


# Secrets


@check("secret-in-script")
def secret_in_script(appspec: AppspecEC2, context: Context) -> Iterator[Finding]:
    """A credential in a script, or a variable whose name says that it holds one."""
    seen: set[str] = set()
    for script in shell_scripts(appspec, context.tree):
        if script.path in seen:
            continue
        seen.add(script.path)
        lines = script.shell.text.split("\n")
        found = next(((number, what) for number, line in enumerate(lines, 1) if (what := credential(line))), None)
        if found:
            yield Finding(
                script.location.span,
                f"line {found[0]} of `{shown(script.path)}` holds {found[1]} in plain text; revoke it, and let the "
                "script fetch the new one from Secrets Manager with the instance's role",
            )
            continue
        named = next(_named_secrets(script.shell), None)
        if named:
            command, name = named
            yield Finding(
                script.location.span,
                f"`{shown(name)}` in {script.at(command)} looks like a secret in plain text, which lies in the "
                "repository and on every instance; fetch it from Secrets Manager with the instance's role",
                severity="warning",
                confidence="medium",
            )


def _named_secrets(shell: ShellScript) -> Iterator[tuple[SimpleCommand, str]]:
    for command in shell.commands:
        for assignment in command.assignments:
            value = assignment.value.text if assignment.value is not None else None
            if value and secret_by_name(assignment.name, value):
                yield command, assignment.name

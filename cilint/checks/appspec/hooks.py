"""Checks of an EC2/on-premises appspec's `hooks`: events, timeouts and users. What the agent refuses is in `refusals`,
the scripts themselves are in `bundle`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.catalog.secrets import credential
from cilint.checks.appspec.files import leaves_bundle
from cilint.core.finding import Finding, Fix, Replacement
from cilint.core.nearest import listed, nearest
from cilint.core.rewrite import renamed
from cilint.core.rule import check
from cilint.core.schema import shown
from cilint.model import agent
from cilint.model.appspec_ec2 import EVENTS, PREVIOUS_REVISION_EVENTS, RESERVED_EVENTS, AppspecEC2, Hook, Script
from cilint.source.nodes import Mapping, Scalar

MAX_EVENT_SECONDS: Final = 3600
ECS_EVENTS: Final = ("AfterAllowTestTraffic",)
DEPLOY_ACTION_EVENTS: Final = ("BeforeDeploy", "AfterDeploy")
_RUNAS_LIKE: Final = ("run-as", "run_as", "runAs", "RunAs", "user", "run as")


@check("unknown-hook")
def unknown_hook(hook: Hook) -> Iterator[Finding]:
    """A name under `hooks` that is no event, or one that runs no scripts."""
    name = hook.name
    if name in EVENTS:
        return
    if name in RESERVED_EVENTS:
        message = (
            f"`{name}` is an event of the agent's own and runs no scripts, so these never run; use "
            f"{listed(('BeforeInstall', 'AfterInstall') if name == 'Install' else _around(name))}"
        )
        yield Finding(hook.key.span, message)
        return
    hint = nearest(name, EVENTS)
    where = ""
    if name in ECS_EVENTS:
        where = " (it is an event of ECS deployments)"
    elif name in DEPLOY_ACTION_EVENTS:
        where = " (it is an event of CodePipeline's EC2 deploy action)"
    advice = f"did you mean `{hint}`?" if hint and not where else f"events with scripts: {listed(EVENTS)}"
    hooks = hook.appspec.get("hooks")
    entry = hooks.entry(name) if isinstance(hooks, Mapping) else None
    fix = renamed(entry, EVENTS, hooks, "unsafe") if isinstance(hooks, Mapping) and entry and not where else None
    yield Finding(
        hook.key.span,
        f"`{shown(name)}` is no event{where}: the agent passes over it without a word, and deployments of the "
        f"service never run its scripts (only `codedeploy-local --events` does); {advice}",
        fix=fix,
    )


def _around(name: str) -> tuple[str, ...]:
    return tuple(event for event in EVENTS if name in event and name in ("BlockTraffic", "AllowTraffic")) or (
        "BeforeInstall",
        "ValidateService",
    )


@check("hook-timeouts-exceed-limit")
def hook_timeouts_exceed_limit(hook: Hook) -> Iterator[Finding]:
    """An event whose scripts may take longer than the hour that the service gives it."""
    if hook.name not in EVENTS:
        return
    scripts = [script for script in hook.scripts if not agent.is_nil(script.location)]
    seconds = [script.seconds or 0 for script in scripts]
    if sum(seconds) <= MAX_EVENT_SECONDS:
        return
    explicit = [script for script in scripts if script.has_timeout]
    long = next((script for script in explicit if (script.seconds or 0) > MAX_EVENT_SECONDS), None)
    if long is not None and long.timeout is not None:
        yield Finding(
            long.timeout.span,
            f"this script may take {long.seconds} seconds, but the service gives all scripts of `{hook.name}` together "
            f"{MAX_EVENT_SECONDS} seconds and then fails the deployment; lower the timeout",
        )
    elif sum(script.seconds or 0 for script in explicit) > MAX_EVENT_SECONDS:
        yield Finding(
            hook.key.span,
            f"the timeouts of the scripts of `{hook.name}` add up to {sum(seconds)} seconds, but the service gives an "
            f"event {MAX_EVENT_SECONDS} seconds and then fails the deployment; lower them",
        )
    else:
        missing = len(scripts) - len(explicit)
        many = f"{missing} scripts of `{hook.name}` have" if missing > 1 else f"a script of `{hook.name}` has"
        yield Finding(
            hook.key.span,
            f"{many} no timeout, so each may take the default of {agent.DEFAULT_TIMEOUT} seconds: together "
            f"{sum(seconds)}, more than the {MAX_EVENT_SECONDS} that the service gives an event; set timeouts that fit "
            "into it",
            severity="note",
        )


@check("timeout-not-as-written")
def timeout_not_as_written(script: Script) -> Iterator[Finding]:
    """A timeout that the agent takes, but reads as another number: `5m` is 5 seconds."""
    node, seconds = script.timeout, script.seconds
    if not isinstance(node, Scalar) or not script.has_timeout or not seconds or seconds <= 0:
        return
    text = node.value.strip().lstrip("+")
    if (
        agent.placeholder(text)
        or text.replace("_", "").replace(",", "") == str(seconds)
        or text in (f"{seconds}.0", f"{seconds}s")
    ):
        return
    yield Finding(
        node.span,
        f"the agent reads the timeout `{shown(node.value)}` as {seconds} second{'s' if seconds != 1 else ''}; write "
        "whole seconds",
    )


@check("misspelt-runas")
def misspelt_runas(script: Script) -> Iterator[Finding]:
    """`run-as` and its kin: the script runs as the agent's user, as a rule root."""
    for key in _RUNAS_LIKE:
        node = script.get(key)
        if node is not None:
            user = shown(node.value) if isinstance(node, Scalar) else "another user"
            fix = Fix("Write `runas`", "unsafe", (Replacement(script.key_span(key), "runas"),))
            yield Finding(
                script.key_span(key),
                f"the agent ignores `{key}`, so this script runs as root and not as `{user}`; write `runas`",
                fix=fix,
            )


@check("runas-on-windows")
def runas_on_windows(script: Script) -> Iterator[Finding]:
    """`runas` in an appspec for Windows, where the agent ignores it."""
    if script.hook.appspec.on_windows and script.runas is not None and not agent.is_nil(script.runas):
        yield Finding(
            script.key_span("runas"),
            "on Windows the agent ignores `runas`: the script runs as the agent's own user (SYSTEM); remove it, and "
            "start what needs another user from the script",
        )


@check("location-with-arguments")
def location_with_arguments(script: Script) -> Iterator[Finding]:
    """A location that goes on after the script's name: the agent takes all of it as the path."""
    location = script.location
    if location is None:
        return
    words = location.value.split()
    interpreter = len(words) > 1 and words[0].rsplit("/", 1)[-1] in (
        "bash",
        "sh",
        "python",
        "python3",
        "sudo",
        "powershell",
    )
    ends = [place for place, word in enumerate(words[:-1]) if _is_script(word)]
    if not interpreter and not ends:
        return
    path = " ".join(words[: ends[0] + 1]) if ends else words[-1]
    yield Finding(
        location.span,
        f'the agent takes all of `{shown(location.value)}` as the path of the script: "Script does not exist at '
        f'specified location"; write `{shown(path)}`, and let the script read what it needs from its environment '
        "(DEPLOYMENT_GROUP_NAME, LIFECYCLE_EVENT)",
    )


def _is_script(word: str) -> bool:
    return word.lower().endswith((".sh", ".py", ".rb", ".pl", ".ps1", ".bat", ".cmd", ".js", ".php"))


@check("script-outside-bundle")
def script_outside_bundle(script: Script) -> Iterator[Finding]:
    """A location that leaves the bundle with `..`."""
    location = script.location
    if location is not None and leaves_bundle(location.value):
        yield Finding(
            location.span,
            f"`{shown(location.value)}` leads out of the bundle, to what another deployment or user may have put "
            "there, and runs with the agent's rights; put the script into the bundle",
        )


@check("secret-in-hook")
def secret_in_hook(appspec: AppspecEC2) -> Iterator[Finding]:
    """A credential in a hook's name or in one of its values."""
    for hook in appspec.hooks:
        if what := credential(hook.name):
            yield Finding(hook.key.span, f"the name of this hook holds {what} in plain text; revoke it", secret=True)
        for script in hook.scripts:
            for entry in getattr(script.node, "entries", ()):
                if isinstance(entry.value, Scalar) and (what := credential(entry.value.value)):
                    yield Finding(
                        entry.value.span,
                        f"`{shown(entry.name)}` holds {what} in plain text; revoke it, and let the script fetch the "
                        "new one from Secrets Manager",
                        secret=True,
                    )


@check("hook-without-timeout")
def hook_without_timeout(script: Script) -> Iterator[Finding]:
    """A script that may hang for an hour."""
    if script.hook.name in EVENTS and not script.has_timeout and len(script.hook.scripts) == 1 and script.location:
        yield Finding(
            script.location.span,
            f"this script has no timeout: if it hangs, the deployment waits {agent.DEFAULT_TIMEOUT} seconds for it; "
            "set one",
        )


@check("all-hooks-as-root")
def all_hooks_as_root(appspec: AppspecEC2) -> Iterator[Finding]:
    """An appspec for Linux whose scripts all run as root."""
    scripts = [script for hook in appspec.hooks if hook.name in EVENTS for script in hook.scripts]
    if appspec.on_windows or not scripts:
        return
    if all(script.runas is None or agent.is_nil(script.runas) or script.runas.value == "root" for script in scripts):
        yield Finding(
            appspec.key_span("hooks"),
            "every script runs as root, also those that start the service; give the ones that need no more a `runas` "
            "user",
        )


@check("no-validate-service")
def no_validate_service(appspec: AppspecEC2) -> Iterator[Finding]:
    """An appspec that starts something and never looks whether it runs."""
    names = {hook.name for hook in appspec.hooks if hook.scripts}
    if "ApplicationStart" in names and "ValidateService" not in names and "AfterAllowTraffic" not in names:
        yield Finding(
            appspec.key_span("hooks"),
            "nothing looks whether the service came up, so a deployment that broke it counts as a success and is not "
            "rolled back; add a `ValidateService` script that asks the service and fails when it does not answer",
        )


@check("scripts-of-previous-revision")
def scripts_of_previous_revision(hook: Hook) -> Iterator[Finding]:
    """Events that run the scripts of the last successful deployment."""
    if hook.name in PREVIOUS_REVISION_EVENTS and hook.scripts:
        yield Finding(
            hook.key.span,
            f"`{hook.name}` runs the scripts of the last successful deployment, not these: a broken one blocks every "
            "later deployment until it is deployed with ApplicationStop failures ignored. Let the script succeed when "
            "there is nothing to stop",
        )

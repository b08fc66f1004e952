"""Checks of secrets in commands: fetched past CodeBuild's masking, printed, passed where others can read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.catalog.secrets import credential, find_credential, secret_by_name
from cilint.core.context import Context
from cilint.core.finding import Finding, Severity
from cilint.core.rule import check
from cilint.model.buildspec import Buildspec, Command, Step
from cilint.shell.script import Assignment, SimpleCommand, mentions
from cilint.shell.words import EXPANSION, Word
from cilint.source.pattern import lazy
from cilint.source.record import NamedTuple
from cilint.source.text import Span


@check("secret-fetched-by-command")
def secret_fetched_by_command(buildspec: Buildspec) -> Iterator[Finding]:
    """A secret that a command puts into a variable, so that CodeBuild does not know it and does not mask it."""
    assumed = False
    for step in buildspec.steps:
        assumed = assumed or any(each.name == "AWS_SESSION_TOKEN" for each in step.simple.assignments)
        fetched, target = _fetched(step), assigned(step)
        if fetched is not None and target is not None:
            yield _fetching(buildspec, step, fetched, target.name, assumed)


def _fetching(buildspec: Buildspec, step: Step, fetched: tuple[str, Word | None], name: str, assumed: bool) -> Finding:
    section, identifier = fetched
    literal = identifier.text if identifier is not None else None
    keys = _json_keys(buildspec, step, name) if section == "secrets-manager" else ((name, ""),)
    elsewhere = _elsewhere(step)
    if elsewhere:
        how = f"replicate it to the build's Region and name it under `env.{section}`"
    elif literal and keys:
        entries = " and ".join(f"`{each}: {literal}{key}`" for each, key in keys)
        how = f"write {entries} under `env.{section}`"
    else:
        how = f"name it under `env.{section}`, where its name is known before the build"
    role = "" if not assumed else " with the project's role, which must be allowed to (not the role assumed here)"
    return Finding(
        step.span,
        f"CodeBuild does not know that `{name}` is a secret and cannot mask it in the log; {how}, and CodeBuild "
        f"fetches it{role}",
        severity=None if literal and not elsewhere else "note",
    )


_SIMPLE_FILTER: Final = lazy(r"\.(?:([A-Za-z_]\w*)|\[?\"([\w.-]+)\"\]?)$")
_CUTTERS: Final = frozenset(("jq", "cut", "awk", "grep", "python", "python3"))


def _json_keys(buildspec: Buildspec, step: Step, name: str) -> tuple[tuple[str, str], ...]:
    """Variables, each with `:password` where jq takes that key out of the secret for it, here or in later commands;
    "" for the whole secret. Empty where it cannot be told."""
    after = [each for each in step.command.parsed.piped(step.simple) if each.start > step.simple.end]
    here = [key for each in after if each.name in _CUTTERS and (key := _cut_out(each)) != "SecretString"]
    if None in here:
        return ()
    if here:
        return ((name, f":{here[-1]}"),)
    found: dict[str, str] = {}
    for later in buildspec.steps:
        piped = later.command.parsed.piped(later.simple) or (later.simple,)
        if later.simple.name == "jq" and any(name in each.reads for each in piped):
            key, target = _cut_out(later.simple), assigned(later)
            if key is None:
                return ()
            found[target.name if target is not None else name if not found else key] = f":{key}"
    return tuple(found.items())[:3] or ((name, ""),)


def _cut_out(simple: SimpleCommand) -> str | None:
    """The key that a jq takes out of a JSON object; None where that cannot be told."""
    found = _SIMPLE_FILTER.match(simple.operands[0].text or "") if simple.name == "jq" and simple.operands else None
    return (found[1] or found[2]) if found is not None else None


def _elsewhere(step: Step) -> bool:
    """Whether the command asks another Region than the build's, whose secrets and parameters `env` does not reach."""
    region = step.simple.option("--region")
    return isinstance(region, Word) and region.text is not None


@check("parameter-fetched-by-command")
def parameter_fetched_by_command(step: Step) -> Iterator[Finding]:
    """A parameter that a command reads although CodeBuild can."""
    if not step.simple.matches("aws", "ssm", "get-parameter|get-parameters") or step.simple.has("--with-decryption"):
        return
    name, target = step.simple.option("--name", "--names"), assigned(step)
    if target is not None and isinstance(name, Word) and name.text and not _elsewhere(step):
        yield Finding(
            step.span,
            f"CodeBuild reads parameters itself: write `{target.name}: {name.text}` under `env.parameter-store`",
        )


def _fetched(step: Step) -> tuple[str, Word | None] | None:
    """The section of `env` that could fetch what the command fetches, and the word that names it."""
    simple = step.simple
    if simple.matches("aws", "secretsmanager", "get-secret-value"):
        name = simple.option("--secret-id")
        return "secrets-manager", name if isinstance(name, Word) else None
    if simple.matches("aws", "ssm", "get-parameter|get-parameters") and simple.has("--with-decryption"):
        name = simple.option("--name", "--names")
        return "parameter-store", name if isinstance(name, Word) else None
    return None


def assigned(step: Step) -> Assignment | None:
    """The assignment whose value the step's output is a part of: `X=$(…)`, `export X="$(…)"`."""
    for other in step.command.parsed.commands:
        for assignment in other.assignments:
            value = assignment.value
            if value is not None and value.start < step.simple.start and step.simple.end <= value.end:
                return assignment
    return None


# Printed


class _Secrets(NamedTuple):
    """What is known of a build's variables: `masked` are those that CodeBuild fetches, `fetched` those of commands."""

    masked: frozenset[str]
    fetched: frozenset[str]

    def holds(self, name: str) -> bool:
        return name in self.masked or name in self.fetched or secret_by_name(name, "value of the build")


def _secrets(buildspec: Buildspec) -> _Secrets:
    env = buildspec.env
    tables = (env.secrets_manager, env.parameter_store) if env else ()
    masked = {name for table in tables if table is not None for name in table.names()}
    fetched = {
        target.name
        for step in buildspec.steps
        if step.simple.inside and _fetched(step) and (target := assigned(step)) is not None
    }
    # A parameter need not be a secret; only its name tells.
    plain = set(env.parameter_store.names()) if env and env.parameter_store else set()
    known = {name for name in masked if name not in plain or secret_by_name(name, "value of the build")}
    return _Secrets(frozenset(known), frozenset(fetched))


_PRINTERS: Final = frozenset(("echo", "printf", "cat"))
_DUMPERS: Final = frozenset(("env", "printenv"))


@check("secret-printed")
def secret_printed(buildspec: Buildspec) -> Iterator[Finding]:
    """A command that writes a secret, or all variables, into the build's log."""
    secrets = _secrets(buildspec)
    for step in buildspec.steps:
        simple = step.simple
        if simple.name in _DUMPERS and len(simple.words) == 1 and _to_log(step):
            severity: Severity | None = None if secrets.fetched else "note"
            yield Finding(
                step.span,
                f"`{simple.name}` writes every variable into the build's log, and CodeBuild masks only the values that "
                "it fetched from Parameter Store and Secrets Manager; print the variables that you need by name",
                severity=severity,
            )
        elif simple.name in _PRINTERS and (_to_log(step) or _transformed(step)):
            yield from _printed(step, secrets)
        elif _fetched(step) and not simple.inside and _to_log(step):
            yield Finding(
                step.span, "this command writes the secret into the build's log; put it into a variable or a file"
            )
        elif simple.name == "set" and secrets.fetched and any(word.raw in ("-x", "-ex", "-xe") for word in simple.args):
            name = sorted(secrets.fetched)[0]
            yield Finding(
                step.span,
                f"from here on the shell writes every command with its values into the log, `{name}` among them; "
                "remove `-x`",
            )


def _printed(step: Step, secrets: _Secrets) -> Iterator[Finding]:
    transformed = _transformed(step)
    for word in step.simple.args:
        for part in word.parts:
            if part.kind != EXPANSION or not secrets.holds(part.name) or part.text[:3] in ("${#",) or "+" in part.text:
                continue
            if part.name in secrets.masked and not transformed:
                continue  # CodeBuild writes `***`
            how = "in another form, which CodeBuild does not mask," if transformed else ""
            yield Finding(
                step.place(part),
                f"this writes `{part.name}` {how}{' ' if how else ''}into the build's log; remove it",
                confidence="medium" if part.name not in secrets.fetched | secrets.masked else None,
            )
            return


def _to_log(step: Step) -> bool:
    """Whether what the command writes ends in the build's log."""
    simple = step.simple
    if any(each.operator.startswith((">", "&>")) and each.descriptor in ("", "1") for each in simple.redirects):
        return any(each.operator == ">&" for each in simple.redirects) and len(simple.redirects) == 1
    return "substitution" not in simple.inside and (simple.pipe is None or simple.pipe.is_last)


_TRANSFORMS: Final = frozenset(("base64", "rev", "xxd", "od", "hexdump", "cut", "tr", "sed", "fold", "awk", "jq"))


def _transformed(step: Step) -> bool:
    """Whether the command's output goes through a pipe that changes it, and then into the log."""
    simple = step.simple
    if simple.pipe is None or simple.pipe.is_last or "substitution" in simple.inside:
        return False
    rest = [
        each for each in step.command.parsed.piped(simple) if each.pipe and each.pipe.position > simple.pipe.position
    ]
    last = rest[-1] if rest else None
    return last is not None and all(each.name in _TRANSFORMS for each in rest) and _to_log(Step(step.command, last))


# Passed where others can read


_PASSWORD_OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "docker": ("-p", "--password"),
    "podman": ("-p", "--password"),
    "helm": ("--password",),
    "sshpass": ("-p",),
    "twine": ("-p", "--password"),
}


@check("secret-as-argument")
def secret_as_argument(step: Step) -> Iterator[Finding]:
    """A password among a command's arguments."""
    simple = step.simple
    options = _PASSWORD_OPTIONS.get(simple.name, ())
    logs_in = simple.matches("docker|podman", "login") or simple.matches("helm", "registry", "login")
    if not options or not (logs_in or simple.name in ("sshpass", "twine")):
        return
    value = simple.option(*options)
    if not isinstance(value, Word):
        return
    instead = {
        "sshpass": "give it in `SSHPASS` with `-e`",
        "twine": "give it in `TWINE_PASSWORD`",
    }.get(simple.name, 'send it through a pipe: `echo "$PASSWORD" | … --password-stdin`')
    if value.text is not None:
        instead = f"revoke it, keep it in Secrets Manager, and {instead}"
        message = f"whoever can read the buildspec reads this password; {instead}"
        yield Finding(step.place(value), message, secret=True)
    else:
        yield Finding(step.place(value), f"arguments are shown in process lists and in logs; {instead}")


@check("secret-in-image")
def secret_in_image(buildspec: Buildspec) -> Iterator[Finding]:
    """A secret as a build argument: it stays in the image."""
    secrets = _secrets(buildspec)
    for step in buildspec.steps:
        simple = step.simple
        if not simple.matches("docker|podman|buildah", "build|buildx|bud"):
            continue
        for index, word in enumerate(simple.args):
            argument = simple.args[index + 1] if word.raw == "--build-arg" and index + 1 < len(simple.args) else word
            raw = argument.raw.removeprefix("--build-arg=").strip("\"'")
            if argument is word and not word.raw.startswith("--build-arg="):
                continue
            name = raw.partition("=")[0]
            if secret_by_name(name, "value of the build") or any(secrets.holds(each) for each in argument.names):
                yield Finding(
                    step.place(argument),
                    f"a build argument stays readable in the image (`docker history`), and `{name}` is a secret; use "
                    f"`--secret id={name.lower()},env={name}` and mount it in the Dockerfile",
                )


@check("secret-in-dockerfile")
def secret_in_dockerfile(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """A Dockerfile that leaves a secret in the image which a command makes of it."""
    if not context.embedded and builds_images(buildspec):
        from cilint.checks.commands.images import left_in_images

        yield from left_in_images(buildspec, context)


def builds_images(buildspec: Buildspec) -> bool:
    """Whether a command may build an image from a Dockerfile."""
    return any(mentions(command.script, ("docker", "podman", "buildah")) for command in buildspec.commands)


@check("secret-in-command")
def secret_in_command(step: Step) -> Iterator[Finding]:
    """A variable by the name of a secret that gets its value in the command, and `aws configure set` of a key."""
    for name, value in _given(step.simple):
        if value.text and secret_by_name(name, value.text) and credential(value.text) is None:
            yield Finding(
                step.place(value),
                f"`{name}` looks like a secret in plain text, readable by whoever can read the buildspec; keep it in "
                "Secrets Manager and name it under `env.secrets-manager`",
                secret=True,
            )


def _given(simple: SimpleCommand) -> Iterator[tuple[str, Word]]:
    for assignment in simple.assignments:
        if assignment.value is not None:
            yield assignment.name, assignment.value
    if simple.matches("aws", "configure", "set") and len(simple.operands) > 3:
        yield simple.operands[2].raw.rpartition(".")[2], simple.operands[3]


@check("credential-in-command")
def credential_in_command(command: Command) -> Iterator[Finding]:
    """A real credential in the text of a command."""
    found = find_credential(command.script)
    if found:
        what, start, end = found
        yield Finding(
            command.place(Span(start, end)),
            f"this command holds {what} in plain text; revoke it, then keep it in Secrets Manager and name it under "
            "`env.secrets-manager`",
            secret=True,
        )

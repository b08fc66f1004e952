"""Checks of a buildspec's `env`: what may not stand there in plain text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cilint.catalog.codebuild_variables import VARIABLES
from cilint.catalog.secrets import credential, secret_by_name
from cilint.core.context import Context
from cilint.core.finding import Finding
from cilint.core.rule import check
from cilint.delivery.world import running
from cilint.model.buildspec import Buildspec, Env
from cilint.shell.dialect import is_posix
from cilint.source.nodes import Mapping, Scalar

_ADVICE = "keep it in Secrets Manager and name it under `env.secrets-manager` (or `env.parameter-store`)"


@check("plaintext-secret")
def plaintext_secret(buildspec: Buildspec) -> Iterator[Finding]:
    """A variable whose value has the form of a credential, or whose name says that it is one."""
    old = buildspec.get("environment_variables")
    tables = (
        buildspec.env.variables if buildspec.env else None,
        old.get("plaintext") if isinstance(old, Mapping) else None,
    )
    for table in tables:
        for entry in table.entries if isinstance(table, Mapping) else ():
            if not isinstance(entry.value, Scalar):
                continue
            what = credential(entry.value.value)
            if what:
                yield Finding(
                    entry.value.span,
                    f"`{entry.name}` holds {what} in plain text; revoke it, then {_ADVICE}",
                    severity="error",
                    secret=True,
                )
            elif secret_by_name(entry.name, entry.value.value):
                yield Finding(
                    entry.value.span,
                    f"`{entry.name}` looks like a secret in plain text, readable in the repository, the console and "
                    f"the API; {_ADVICE}",
                    secret=True,
                )


_STATIC_KEYS: Final = ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN")


@check("static-aws-keys")
def static_aws_keys(env: Env) -> Iterator[Finding]:
    """Keys of a user, where the build has a role."""
    for table in (env.variables, env.parameter_store, env.secrets_manager):
        found = [entry for name in _STATIC_KEYS if table is not None and (entry := table.entry(name))]
        if found:
            yield Finding(
                found[0].key.span,
                "a build has the credentials of its service role already; keys that are set here win over them, and "
                "last until somebody revokes them: give the role the permissions, or assume another one",
            )


_SETTING: Final = {"powershell": "$env:{}=…", "cmd": "set {}=…"}


@check("expansion-in-variable")
def expansion_in_variable(buildspec: Buildspec) -> Iterator[Finding]:
    """A variable's value that counts on the shell."""
    variables = buildspec.env.variables if buildspec.env else None
    for entry in variables.entries if variables is not None else ():
        if not isinstance(entry.value, Scalar) or entry.value.tag is not None:
            continue
        value = entry.value.value
        if "$(" in value or (entry.name == "PATH" and "$PATH" in value):
            yield Finding(
                entry.value.span,
                f"CodeBuild sets `{entry.name}` to this text as it stands and runs no command for it; set it in a "
                f"command: `{_SETTING.get(buildspec.dialect, 'export {}=…').format(entry.name)}`",
            )


@check("reserved-variable")
def reserved_variable(env: Env) -> Iterator[Finding]:
    """A variable that CodeBuild sets itself."""
    for table in (env.variables, env.parameter_store, env.secrets_manager):
        for entry in table.entries if table is not None else ():
            if entry.name in VARIABLES:
                yield Finding(
                    entry.key.span,
                    f"CodeBuild sets `{entry.name}` itself, and names that begin with `CODEBUILD_` are its own; take "
                    "another name",
                )


@check("secret-stage-and-version")
def secret_stage_and_version(env: Env) -> Iterator[Finding]:
    """A secret's reference with a version's stage and its id, of which only one may stand."""
    for entry in env.secrets_manager.entries if env.secrets_manager is not None else ():
        if not isinstance(entry.value, Scalar) or "$" in entry.value.value:
            continue
        parts = reference_parts(entry.value.value)
        if len(parts) > 4:
            yield Finding(
                entry.value.span,
                "a reference has at most four parts: `secret-id:json-key:version-stage:version-id`",
            )
        elif len(parts) == 4 and parts[2] and parts[3]:
            yield Finding(
                entry.value.span,
                f"a reference names a stage (`{parts[2]}`) or a version (`{parts[3]}`), not both; leave one empty",
            )


def reference_parts(reference: str) -> list[str]:
    """`secret-id`, `json-key`, `version-stage` and `version-id`, as far as given; an ARN is one part."""
    if not reference.startswith("arn:"):
        return reference.split(":")
    fields = reference.split(":")
    return [":".join(fields[:7]), *fields[7:]]


@check("whole-secret")
def whole_secret(env: Env) -> Iterator[Finding]:
    """A variable for one value that gets a whole secret."""
    for entry in env.secrets_manager.entries if env.secrets_manager is not None else ():
        if (
            isinstance(entry.value, Scalar)
            and len(reference_parts(entry.value.value)) == 1
            and "$" not in entry.value.value
        ):
            yield Finding(
                entry.value.span,
                f"`{entry.name}` gets the whole secret; where that is JSON, name the key behind a colon: "
                f"`{entry.value.value}:KEY`",
            )


@check("exported-secret")
def exported_secret(buildspec: Buildspec) -> Iterator[Finding]:
    """A secret handed on to the pipeline, where everybody who may look at it sees the value."""
    env = buildspec.env
    if env is None:
        return
    secrets, parameters = env.secrets_manager, env.parameter_store
    for item in env.exported_variables:
        if not isinstance(item, Scalar):
            continue
        name = item.value
        if (secrets is not None and name in secrets.names()) or (parameters is not None and name in parameters.names()):
            yield Finding(
                item.span,
                f"`{name}` comes from Secrets Manager or Parameter Store, and an exported variable is shown in the "
                "pipeline and by its API; read the secret in the action that needs it",
            )
        elif name.startswith("AWS_"):
            yield Finding(item.span, f"names that begin with `AWS_` cannot be exported; give `{name}` another name")


@check("exported-variable-never-set")
def exported_variable_never_set(buildspec: Buildspec) -> Iterator[Finding]:
    """An exported variable that no command sets."""
    env = buildspec.env
    if env is None or not env.exported_variables or not buildspec.steps:
        return
    steps = buildspec.steps
    names = {assignment.name for step in steps for assignment in step.simple.assignments}
    names |= {word.raw for step in steps if step.simple.name in ("read", "export") for word in step.simple.args}
    opaque = any(step.simple.name in ("source", ".", "eval") for step in steps)
    for table in (env.variables, env.parameter_store, env.secrets_manager):
        names.update(table.names() if table is not None else ())
    for item in env.exported_variables:
        if not opaque and isinstance(item, Scalar) and item.value not in names and not item.value.startswith(_GIVEN):
            yield Finding(
                item.span,
                f"no command sets `{item.value}`, so the pipeline gets an empty value unless the project sets it",
            )


_GIVEN: Final = ("CODEBUILD_", "AWS_", "$")


@check("run-as-on-windows")
def run_as_on_windows(buildspec: Buildspec, context: Context) -> Iterator[Finding]:
    """A Linux user in a build for Windows."""
    views = [view for view in (buildspec, *buildspec.phases) if view.get("run-as") is not None]
    if not views:
        return
    shell = buildspec.env.shell if buildspec.env else None
    if shell is not None and not is_posix(buildspec.dialect):
        where = f"the shell here is `{shell.value}`"
    else:
        kinds = [project.environment.value if project.environment else "" for project in running(buildspec, context)]
        if not kinds or not all(kind.startswith("WINDOWS_") for kind in kinds):
            return
        where = f"the project's environment is `{kinds[0]}`"
    for view in views:
        yield Finding(view.key_span("run-as"), f"`run-as` is for Linux only, and {where}; remove it")

"""Checks of a pipeline against the builds that it runs: do they hand on what its later actions ask for?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from cilint.checks.pipeline.variables import used_by
from cilint.core.context import Context
from cilint.core.finding import Finding, Related
from cilint.core.nearest import nearest
from cilint.core.rule import check
from cilint.model.intrinsics import is_known
from cilint.model.pipeline import Action, Pipeline
from cilint.source.record import NamedTuple
from cilint.source.text import Span

if TYPE_CHECKING:
    from cilint.delivery.handed import Files, Handed

_MANY: Final = 5


@check("exported-variable-missing")
def exported_variable_missing(pipeline: Pipeline, context: Context) -> Iterator[Finding]:
    """A variable of a build that its buildspec does not export."""
    builds = {
        name: each for each in pipeline.actions if each.provider == "CodeBuild" and (name := each.word("namespace"))
    }
    for action in pipeline.actions if builds else ():
        for used in used_by(action):
            build = builds.get(used.namespace)
            if build is None or (build.setting("BatchEnabled") or "").lower() == "true":
                continue
            handed = _handed(build, pipeline, context)
            if handed is None or handed.exports is None or used.key in handed.exports:
                continue
            hint = nearest(used.key, handed.exports)
            advice = f"did you mean `{hint}`?" if hint else "add it to `env.exported-variables`"
            yield Finding(
                used.span,
                f"`{build.name}` gives no variable `{used.key}`: {handed.where} exports "
                f"{_named(handed.exports) or 'none'}; {advice}",
                related=(Related(build.place_of_name, "the build"),),
            )


def _handed(build: Action, pipeline: Pipeline, context: Context) -> Handed | None:
    """What a build hands on; read only where it is asked for, since a buildspec brings the shell's reader with it."""
    from cilint.delivery.handed import handed_by

    return handed_by(build, pipeline, context)


def _named(names: tuple[str, ...]) -> str:
    """The first few of what is there."""
    return ", ".join(f"`{name}`" for name in names[:_MANY]) + (" and more" if len(names) > _MANY else "")


class Wanted(NamedTuple):
    """A file that an action looks for in an artifact. `any_of` are the names that it goes by; `in_template` tells that
    artifact and path are written as one, `artifact::path`."""

    artifact: str
    any_of: tuple[str, ...]
    span: Span
    in_template: bool = False


_FIXED: Final = {
    # Provider: the key that names the file, the names without it.
    "ECS": ("FileName", ("imagedefinitions.json",)),
    "CodeDeploy": ("", ("appspec.yml", "appspec.yaml", "appspec.json")),
}
_PAIRS: Final = (
    ("TaskDefinitionTemplateArtifact", "TaskDefinitionTemplatePath", "taskdef.json"),
    ("AppSpecTemplateArtifact", "AppSpecTemplatePath", "appspec.yaml"),
    *((f"Image{n}ArtifactName", "", "imageDetail.json") for n in range(1, 5)),
)
_PATHS: Final = ("TemplatePath", "TemplateConfiguration")


@check("deployment-file-not-built")
def deployment_file_not_built(pipeline: Pipeline, context: Context) -> Iterator[Finding]:
    """A file that a deployment looks for in the artifact of a build which does not put it there."""
    builds: dict[str, Action] = {}
    for action in pipeline.actions:
        if action.provider == "CodeBuild":
            builds |= {artifact.name: action for artifact in action.outputs}
    for action in pipeline.actions if builds else ():
        for wanted in _wanted(action):
            if not all(is_known(name) and "#{" not in name for name in wanted.any_of):
                continue
            build = builds.get(wanted.artifact)
            handed = _handed(build, pipeline, context) if build is not None else None
            files = handed.files(wanted.artifact, len(build.outputs)) if handed and build else None
            if build is None or handed is None or files is None or any(map(files.may_hold, wanted.any_of)):
                continue
            yield Finding(
                wanted.span,
                f"`{action.name}` looks for `{wanted.any_of[0]}` in `{wanted.artifact}`, and {handed.where} puts "
                f"{_named(_packed(files)) or 'no files'} there{_mend(wanted, files)}",
                related=(Related(build.place_of_name, "the build"),),
            )


def _packed(files: Files) -> tuple[str, ...]:
    """The patterns as the artifact has them: of files without their directories the bare names."""
    flat = files.flat and not any("**" in each for each in files.patterns)
    return tuple(each.rsplit("/", 1)[-1] for each in files.patterns) if flat else files.patterns


def _mend(wanted: Wanted, files: Files) -> str:
    """What to do about a missing file: of files packed flat, one whose name ends alike is the one that is meant."""
    names = [each for each in _packed(files) if "*" not in each]
    near = [each for each in names if each.endswith(f"-{wanted.any_of[0]}")] if files.flat else []
    if not near:
        return "; add it to the `files` of `artifacts`"
    instead = f"{wanted.artifact}::{near[0]}" if wanted.in_template else near[0]
    return f" without their directories (`discard-paths`); write `{instead}`"


def _wanted(action: Action) -> Iterator[Wanted]:
    """The files that a deploy action reads from its artifacts, as far as the pipeline tells."""
    if action.category != "Deploy" or action.owner != "AWS":
        return
    if action.provider in _FIXED and len(action.inputs) == 1:
        key, names = _FIXED[action.provider]
        text = action.setting(key) if key else None
        node = action.configuration.get(key)
        span = node.span if node is not None else action.inputs[0].span
        yield Wanted(action.inputs[0].name, (text,) if text else names, span)
    for artifact_key, path_key, name in _PAIRS if action.provider == "CodeDeployToECS" else ():
        artifact = action.setting(artifact_key)
        if artifact:
            node = action.configuration.get(path_key) or action.configuration[artifact_key]
            yield Wanted(artifact, ((action.setting(path_key) if path_key else None) or name,), node.span)
    for key in _PATHS if action.provider == "CloudFormation" else ():
        artifact, mark, path = (action.setting(key) or "").rpartition("::")
        ignored = action.setting("ActionMode") in ("CHANGE_SET_EXECUTE", "DELETE_ONLY")
        if mark and not ignored:
            yield Wanted(artifact, (path,), action.configuration[key].span, True)

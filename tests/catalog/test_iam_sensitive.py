"""Own tables on top of AWS's access levels: each name must exist, and each table must be needed."""

import pytest

from cilint.catalog import iam_actions, iam_sensitive

TABLES = ["PERMISSIONS_MANAGEMENT", "CREDENTIALS", "ROUTINE_TOKENS", "DATA_EXFILTRATION"]


@pytest.mark.parametrize("table", TABLES)
def test_every_name_is_a_known_action(table: str) -> None:
    assert [name for name in sorted(getattr(iam_sensitive, table)) if iam_actions.action(name) is None] == []


def test_an_override_is_needed() -> None:
    """None repeats what AWS says itself: the loader would have written the letter twice."""
    overridden = [iam_actions.action(name) for name in iam_sensitive.PERMISSIONS_MANAGEMENT]
    assert [action for action in overridden if action and action.levels.count("P") != 1] == []


def test_what_passes_a_role_makes_a_credential_or_trusts_a_provider_is_permissions_management() -> None:
    assert {
        "iam:passrole",
        "iam:createaccesskey",
        "iam:createloginprofile",
        "iam:createopenidconnectprovider",
        "iam:updatesamlprovider",
        "codebuild:importsourcecredentials",
    } <= iam_sensitive.PERMISSIONS_MANAGEMENT


def test_a_token_that_every_build_needs_is_not_a_credential() -> None:
    assert iam_sensitive.CREDENTIALS.isdisjoint(iam_sensitive.ROUTINE_TOKENS)
    assert "ecr:getauthorizationtoken" in iam_sensitive.ROUTINE_TOKENS


def test_exfiltration_is_about_reads() -> None:
    for name in iam_sensitive.DATA_EXFILTRATION:
        action = iam_actions.action(name)
        assert action is not None
        assert set(action.levels) & set("RLW"), name
        assert "P" not in action.levels, name

"""Operations written as actions."""

import pytest

from cilint.catalog import iam_actions, iam_operations


@pytest.mark.parametrize(
    ("operation", "actions"),
    [
        ("s3:HeadObject", ("s3:GetObject",)),
        ("S3:listobjectsv2", ("s3:ListBucket",)),
        ("s3:CopyObject", ("s3:GetObject", "s3:PutObject")),
        ("s3:GetObject", ()),
        ("", ()),
    ],
)
def test_the_actions_behind_an_operation(operation: str, actions: tuple[str, ...]) -> None:
    assert iam_operations.actions_of(operation) == actions


def test_no_listed_operation_is_an_action_and_each_leads_to_actions() -> None:
    assert [name for name in iam_operations._ACTIONS_OF if iam_actions.action(name)] == []
    targets = {name for names in iam_operations._BY_LOWER_CASE.values() for name in names}
    assert [name for name in sorted(targets) if not iam_actions.action(name)] == []


def test_no_listed_name_is_a_prefix_and_each_leads_to_one() -> None:
    assert [name for name in iam_operations.PREFIX_OF if iam_actions.service(name)] == []
    assert [name for name in iam_operations.PREFIX_OF.values() if not iam_actions.service(name)] == []

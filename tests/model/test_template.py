"""Templates: functions short and long, branches of `Fn::If`, and the documents that lie inside, with exact places."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cilint.core.context import EmptyTree
from cilint.core.schema import evaluate
from cilint.engine import index as rule_index
from cilint.engine.analyze import analyze
from cilint.engine.sniff import may_be_ours
from cilint.model.buildspec import Buildspec
from cilint.model.intrinsics import (
    UNKNOWN,
    Unknown,
    alternatives,
    embedded,
    excluding,
    is_intrinsic,
    is_known,
    listed,
    resolve,
    symbolic,
)
from cilint.model.kinds import recognise
from cilint.model.pipeline import Pipeline
from cilint.model.policy import Policy
from cilint.model.project import Project
from cilint.model.subjects import units
from cilint.model.template import Template
from cilint.model.unit import Unit
from cilint.source.nodes import Document, Mapping, Node
from cilint.source.read import read
from cilint.source.text import Text
from cilint.source.yaml import parse_yaml

HEAD = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Branch: {Type: String, Default: main}
  Bucket: {Type: String}
Mappings:
  Images: {eu-west-1: {build: "aws/codebuild/standard:7.0"}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
"""


def document(content: str, name: str = "template.yaml") -> Document:
    return read(Text(content), name)


def units_of(content: str, name: str = "template.yaml") -> list[Unit]:
    found = document(content, name)
    recognised = recognise(found, name)
    assert recognised is not None
    return units(found, recognised.kind, name, recognised.fragment)


def template(resources: str = "  Topic: {Type: AWS::SNS::Topic}\n") -> Template:
    view = units_of(HEAD + resources)[0].view
    assert isinstance(view, Template)
    return view


def node(content: str) -> Node:
    root = parse_yaml(Text(content)).root
    assert root is not None
    return root


class TestResolve:
    @pytest.mark.parametrize(
        ("written", "value"),
        [
            ("main", "main"),
            ("!Ref Branch", UNKNOWN),
            ("Ref: Branch", UNKNOWN),
            ("!Ref AWS::NoValue", None),
            ("!Sub plain text", "plain text"),
            ("!Sub '${AWS::Region}-build'", UNKNOWN),
            ("!Join ['-', [a, b]]", "a-b"),
            ("Fn::Join: ['/', [a, !Ref Bucket]]", UNKNOWN),
            ("!Select [1, [a, b]]", "b"),
            ("!FindInMap [Images, eu-west-1, build]", "aws/codebuild/standard:7.0"),
            ("!FindInMap [Images, !Ref AWS::Region, build]", UNKNOWN),
            ("!If [IsProd, a, a]", "a"),
            ("!If [IsProd, a, b]", UNKNOWN),
            ("!ImportValue shared-role", UNKNOWN),
            ("Fn::GetAtt: [Role, Arn]", UNKNOWN),
            ("'{{resolve:ssm:/image:1}}'", UNKNOWN),
        ],
    )
    def test_what_the_file_tells_is_a_text_and_the_rest_is_unknown(
        self, written: str, value: str | Unknown | None
    ) -> None:
        assert resolve(node(written), template()) == value

    def test_a_default_counts_only_for_those_who_ask(self) -> None:
        assert resolve(node("!Ref Branch"), template()) is UNKNOWN
        assert resolve(node("!Ref Branch"), template(), defaults=True) == "main"
        assert resolve(node("!Sub 'release/${Branch}'"), template(), defaults=True) == "release/main"
        assert resolve(node("!Ref Bucket"), template(), defaults=True) is UNKNOWN

    def test_a_mapping_is_given_as_it_is_written(self) -> None:
        assert isinstance(resolve(node("{a: 1}"), template()), Mapping)

    @pytest.mark.parametrize(
        ("written", "text"),
        [
            ("!Ref Source", "${Source}"),
            ("!GetAtt Role.Arn", "${Role.Arn}"),
            ("Fn::GetAtt: [Role, Arn]", "${Role.Arn}"),
            ("!Sub '${AWS::StackName}-src'", "${AWS::StackName}-src"),
            ("Fn::Sub: ['${A}-${B}', {A: x}]", "x-${B}"),
            ("!Join ['', [!Ref Name, -src]]", "${Name}-src"),
            ("!Join [',', !Split [';', !Ref List]]", None),
        ],
    )
    def test_two_equal_symbolic_texts_are_equal_in_every_stack(self, written: str, text: str | None) -> None:
        found = symbolic(node(written))
        assert found is not None
        assert found == symbolic(node(written))
        assert text is None or found == text
        assert not is_known(found)

    @pytest.mark.parametrize("written", ["!Ref A", "Ref: A", "Fn::Sub: x", "!If [a, b, c]", "'{{ name }}'"])
    def test_a_function_is_unknown_to_the_schemas(self, written: str) -> None:
        assert is_intrinsic(node(written))
        assert not evaluate({"type": "string", "enum": ["only"]}, node(written), is_intrinsic)

    def test_a_key_called_ref_beside_others_is_just_a_key(self) -> None:
        assert not is_intrinsic(node("{Ref: main, Name: x}"))

    def test_functions_nested_without_end_are_unknown_and_no_crash(self) -> None:
        deep = "x"
        for _ in range(45):
            deep = f"{{'Fn::Join': ['', [{deep}]]}}"
        found = symbolic(node(deep))
        assert found is not None and not is_known(found)


class TestBranches:
    def test_items_under_a_condition_are_seen_with_their_branch(self) -> None:
        found = list(listed(node("[a, !If [IsProd, b, !Ref AWS::NoValue], {Fn::If: [Fast, c, d]}]")))
        assert [(symbolic(each.node), each.when) for each in found] == [
            ("a", ()),
            ("b", (("IsProd", True),)),
            ("c", (("Fast", True),)),
            ("d", (("Fast", False),)),
        ]

    def test_branches_of_one_condition_exclude_each_other(self) -> None:
        first, second = listed(node("[!If [IsProd, a, b]]"))
        assert first.excludes(second.when)
        assert not first.excludes(())
        assert not excluding((("A", True),), (("B", False),))

    def test_a_branch_that_its_own_condition_rules_out_is_not_seen(self) -> None:
        found = list(alternatives(node("!If [A, !If [A, x, y], z]")))
        assert [symbolic(each.node) for each in found] == ["x", "z"]

    def test_a_list_given_by_a_function_is_one_unknown_item(self) -> None:
        (only,) = listed(node("!Ref Subnets"))
        assert is_intrinsic(only.node)


BUILDSPEC = "version: 0.2\nphases:\n  build:\n    commands:\n      - echo building\n"
PROJECT = "  Build:\n    Type: AWS::CodeBuild::Project\n    Properties:\n      Source:\n        Type: CODEPIPELINE\n"


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line for line in text.splitlines(keepends=True))


class TestInside:
    def test_documents_come_in_the_order_of_the_file(self) -> None:
        found = units_of(
            HEAD
            + """\
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sts:AssumeRole"}]}
      Policies:
        - PolicyName: own
          PolicyDocument: {Version: "2012-10-17", Statement: []}
        - !If [IsProd, {PolicyName: more, PolicyDocument: {Version: "2012-10-17", Statement: []}}, !Ref AWS::NoValue]
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties: {PolicyDocument: {Version: "2012-10-17", Statement: []}}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - AWSLambdaBasicExecutionRole
        - S3ReadPolicy: {BucketName: !Ref Bucket}
        - Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]
  Build:
    Type: AWS::CodeBuild::Project
    Properties: {Source: {BuildSpec: buildspec.yml}}
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties: {RoleArn: !GetAtt Role.Arn, Stages: [{Name: Source, Actions: []}]}
"""
        )
        assert [type(unit.view) for unit in found] == [
            *[Template, Policy, Policy, Policy, Policy, Policy],
            *[Project, Pipeline],
        ]
        roles = [unit.view.role for unit in found if isinstance(unit.view, Policy)]
        assert roles == ["trust", "identity", "identity", "resource", "identity"]

    @pytest.mark.parametrize(
        "written",
        [
            "        BuildSpec: |\n" + indented(BUILDSPEC, 10),
            "        BuildSpec: !Sub |\n" + indented(BUILDSPEC, 10),
            "        BuildSpec:\n          Fn::Sub: |\n" + indented(BUILDSPEC, 12),
            "        BuildSpec: " + json.dumps(BUILDSPEC) + "\n",
            "        BuildSpec:\n          Fn::Join:\n            - '\\n'\n            - "
            + json.dumps(BUILDSPEC.split("\n"))
            + "\n",
            '        BuildSpec: !Join ["\\n", ' + json.dumps(BUILDSPEC.split("\n")) + "]\n",
            '        BuildSpec: !If [IsProd, buildspec.yml, "' + BUILDSPEC.replace("\n", "\\n") + '"]\n',
            "        BuildSpec: '" + json.dumps(yaml.safe_load(BUILDSPEC)) + "'\n",
            "        BuildSpec:\n          Fn::ToJsonString: " + json.dumps(yaml.safe_load(BUILDSPEC)) + "\n",
        ],
        ids=["literal", "sub", "long sub", "quoted", "long join", "join", "if", "json", "to json"],
    )
    def test_a_command_of_an_inline_buildspec_leads_to_its_characters(self, written: str) -> None:
        content = HEAD + PROJECT + (written if "'\\n'" not in written else written.replace("'\\n'", '"\\n"'))
        (unit,) = (each for each in units_of(content) if isinstance(each.view, Buildspec))
        assert isinstance(unit.view, Buildspec)
        (command,) = unit.view.commands
        assert command.script == "echo building"
        span = unit.outward(command.span) if unit.outward else command.span
        assert content[span.start : span.end].strip('"') == "echo building"

    @pytest.mark.parametrize("written", ["buildspec.yml", "!Ref Spec", "!Sub 'ci/${Stage}.yml'", "!ImportValue spec"])
    def test_a_path_or_an_unknown_buildspec_is_no_text(self, written: str) -> None:
        content = HEAD + PROJECT + f"        BuildSpec: {written}\n"
        assert not [each for each in units_of(content) if each.kind == "buildspec"]

    def test_what_sub_puts_in_is_a_word_and_an_escaped_variable_is_the_shell_s(self) -> None:
        found = embedded(node("!Sub 'aws s3 cp a s3://${Bucket}/${!KEY} --region ${AWS::Region}'"), Text(""))
        assert found is not None
        assert found.content == "aws s3 cp a s3://__Bucket__/${KEY} --region __AWS_Region__"

    def test_an_inline_buildspec_that_is_no_yaml_is_shown_at_its_place(self) -> None:
        content = HEAD + PROJECT + "        BuildSpec: |\n          version: 0.2\n          phases: [build\n"
        rules = rule_index.load().rules
        (found,) = (
            each
            for each in analyze("template.yaml", content.encode(), rules, EmptyTree()).diagnostics
            if each.rule == "syntax-error"
        )
        assert found.place.line >= content[: content.index("phases: [build")].count("\n") + 1

    def test_a_finding_in_an_inline_buildspec_points_into_the_template(self) -> None:
        content = HEAD + PROJECT + "        BuildSpec: |\n" + indented(BUILDSPEC.replace("build:", "pre-build:"), 10)
        result = analyze("template.yaml", content.encode(), rule_index.load().rules, EmptyTree())
        about = {content[each.place.start : each.place.end]: each.id for each in result.diagnostics}
        assert about["pre-build"].startswith("BS")

    @pytest.mark.parametrize("name", ["template.json", "template.template"])
    def test_a_template_in_json_is_the_same_template(self, name: str) -> None:
        content = json.dumps(
            {
                "Resources": {
                    "Build": {"Type": "AWS::CodeBuild::Project", "Properties": {"Source": {"BuildSpec": BUILDSPEC}}}
                }
            }
        )
        (unit,) = (each for each in units_of(content, name) if isinstance(each.view, Buildspec))
        assert isinstance(unit.view, Buildspec) and unit.outward
        span = unit.outward(unit.view.commands[0].span)
        assert content[span.start : span.end] == "echo building"


class TestWhatIsNoPlainTemplate:
    def test_includes_and_macros_are_passed_over_and_leave_the_template_incomplete(self) -> None:
        included = template(
            "  Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://x/y}}\n  Own: {Type: AWS::SNS::Topic}\n"
        )
        assert [each.logical_id for each in included.resources] == ["Own"]
        assert not included.complete
        assert template().complete


class TestLoops:
    LOOP = "  Fn::ForEach::Topics: [Name, %s, {'Topic&{Name}': {Type: AWS::SNS::Topic, Properties: %s}}]\n"

    def test_a_loop_over_known_values_makes_its_resources(self) -> None:
        looped = template(self.LOOP % ("[a-1, b]", "{TopicName: '${Name}', DisplayName: !Ref Name}"))
        assert [each.logical_id for each in looped.resources] == ["Topica1", "Topicb"]
        assert looped.complete
        first = looped.resources[0]
        assert [symbolic(first.property(key)) for key in ("TopicName", "DisplayName")] == ["a-1", "a-1"]

    def test_what_it_makes_stands_at_its_place_in_the_body(self) -> None:
        content = self.LOOP % ("[a]", "{TopicName: '${Name}'}")
        looped = template(content)
        node = looped.resources[0].property("TopicName")
        assert node is not None
        assert looped.text.content[node.start : node.end] == "'${Name}'"

    def test_a_loop_over_unknown_values_shows_its_body_once_and_leaves_the_template_incomplete(self) -> None:
        looped = template(self.LOOP % ("!Ref Names", "{TopicName: !Ref Name}"))
        assert [each.logical_id for each in looped.resources] == ["Topic&{Name}"]
        assert resolve(looped.resources[0].property("TopicName"), looped) is UNKNOWN
        assert not looped.complete

    def test_a_loop_of_more_than_a_template_holds_is_left_alone(self) -> None:
        inner = "{'Fn::ForEach::T': [C, %s, {'Topic${A}${B}${C}': {Type: AWS::SNS::Topic}}]}"
        many = "[" + ", ".join(map(str, range(100))) + "]"
        content = f"  Fn::ForEach::X: [A, {many}, {{'Fn::ForEach::Y': [B, {many}, {inner % many}]}}]\n"
        assert not template(content).complete

    @pytest.mark.parametrize(
        "loop", ["x", "[N]", "[N, [a], x]", "[N, [!Ref A, b], {T: {}}]", "[[N], [a], {T: {}}]", "{}"]
    )
    def test_what_is_no_loop_or_not_known_makes_nothing_of_its_own(self, loop: str) -> None:
        looped = template(f"  Fn::ForEach::Topics: {loop}\n  Own: {{Type: AWS::SNS::Topic}}\n")
        assert [each.logical_id for each in looped.resources] == ["Own"]
        assert not looped.complete

    def test_properties_made_by_a_loop_are_those_of_the_resource(self) -> None:
        looped = template(
            "  Own: {Type: AWS::SNS::Topic, Properties: {'Fn::ForEach::P': [N, [Display, Topic], {'${N}Name': x}]}}\n"
        )
        assert looped.resources[0].property("TopicName") is not None

    def test_a_sam_template_is_complete(self) -> None:
        content = "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: AWS::Serverless::Function}}\n"
        view = units_of(content)[0].view
        assert isinstance(view, Template) and view.complete

    def test_a_file_that_an_engine_makes_a_template_of_is_not_read_as_one(self) -> None:
        content = "Resources:\n{% for n in names %}\n  Topic{{ n }}:\n    Type: AWS::SNS::Topic\n{% endfor %}\n"
        assert recognise(document(content), "template.yaml") is None

    def test_resources_alone_are_a_fragment(self) -> None:
        (only,) = units_of("Rule:\n  Type: AWS::Events::Rule\n  Properties: {State: ENABLED}\n")
        assert only.fragment and isinstance(only.view, Template)
        assert [each.type for each in only.view.resources] == ["AWS::Events::Rule"]

    @pytest.mark.parametrize(
        "content",
        [
            "- Name: Release\n  Actions:\n    - Name: Copy\n      ActionTypeId: {Provider: CodeDeployToLambda}\n",
            "Stages:\n  - Name: Source\n    Actions:\n      - Name: Repository\n        # cut short\n",
            '[{"name": "Release", "actions": [{"name": "Copy", "actionTypeId": {"provider": "S3"}}]}]',
        ],
        ids=["stages", "below their key", "json"],
    )
    def test_stages_alone_are_a_fragment_and_no_more_than_notes(self, content: str) -> None:
        (only,) = units_of(content, "stages.yaml")
        assert only.fragment and isinstance(only.view, Pipeline)
        assert may_be_ours("stages.yaml", content.encode())
        result = analyze("stages.yaml", content.encode(), rule_index.load().rules, EmptyTree())
        assert {each.severity for each in result.diagnostics} <= {"note"}

    @given(
        st.recursive(
            st.sampled_from(["x", "", "!Ref A", "!If [A, b, c]", "!Sub '${A}'", "~", "1"]),
            lambda inner: (
                st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]")
                | st.tuples(
                    st.sampled_from(["Fn::If", "Fn::Sub", "Fn::Join", "Fn::Select", "Ref", "Fn::GetAtt", "BuildSpec"]),
                    inner,
                ).map(lambda pair: f"{{'{pair[0]}': {pair[1]}}}")
            ),
            max_leaves=12,
        )
    )
    def test_nothing_raises_whatever_stands_where_a_value_is_expected(self, written: str) -> None:
        for place in ("Source: {BuildSpec: %s}", "Source: %s", "%s"):
            content = HEAD + "  Build:\n    Type: AWS::CodeBuild::Project\n    Properties: {" + place % written + "}\n"
            found = document(content)
            if found.root is not None and not found.problems:
                units(found, "template", "template.yaml", False)
        root = parse_yaml(Text(written)).root
        if root is not None:
            symbolic(root)
            resolve(root, template())
            list(listed(root))
            embedded(root, Text(written))

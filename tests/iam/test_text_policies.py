"""Policies that a template holds as a JSON text: what a stack puts in is unknown, and said as it was written."""

from __future__ import annotations

from cilint.core.context import EmptyTree
from cilint.engine import index
from cilint.engine.analyze import analyze

RULES = index.load().rules
TEMPLATE = """\
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: !Sub |
"""


def said(policy: str) -> list[str]:
    text = TEMPLATE + "".join(f"        {line}\n" for line in policy.splitlines())
    return [f"{each.rule}: {each.message}" for each in analyze("t.yaml", text.encode(), RULES, EmptyTree()).diagnostics]


def test_what_a_stack_puts_in_is_unknown() -> None:
    assert (
        said("""\
{
  "Version": "${Version}",
  "Statement": [
    {
      "Sid": "Read${Stage}",
      "Effect": "${Effect}",
      "Action": ["codebuild:StartBuild", "${Action}", "s3:${Verb}Object"],
      "Resource": ["arn:aws:codebuild:${AWS::Region}:${AWS::AccountId}:project/${Name}", "${Bucket}/*"],
      "Condition": {"StringEquals": {"aws:SourceVpc": "${Vpc}", "aws:RequestedRegion": "${AWS::Region}"}}
    }
  ]
}""")
        == []
    )


def test_a_policy_variable_is_none_of_the_stack() -> None:
    (message,) = said("""\
{
  "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:${AWS::Partition}:s3:::home/${!aws:username}/*"}
  ]
}""")
    assert message.startswith("policy-variable-without-version: `${aws:username}` is plain text")


def test_a_message_says_a_name_as_it_was_written() -> None:
    found = said("""\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "${Bucket}", "Condition":
      {"StringEquals": {"aws:RequestTag/${Tag}": "a*", "aws:PrincipalTag/${Tag}": "b*"}}}
  ]
}""")
    assert found
    assert [message for message in found if "__" in message] == []


def test_a_policy_file_that_a_template_includes_may_call_functions() -> None:
    policy = """
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
      "Action": "kms:Decrypt",
      "Resource": "*",
      "Condition": {"StringEquals": {"kms:CallerAccount": {"Ref": "AWS::AccountId"}}}
    }
  ]
}"""
    assert analyze("key.json", policy.encode(), RULES, EmptyTree()).diagnostics == ()
    assert "iam-policy-wrong-type" in {
        each.rule
        for each in analyze("key.json", policy.replace('"Ref"', '"Rfe"').encode(), RULES, EmptyTree()).diagnostics
    }

"""OpenID Connect providers that roles trust: which claims IAM demands of a trust policy, and how their subjects look.

Sources: IAM guide, "Create a role for OpenID Connect federation" and "Identity-provider controls for shared OIDC
providers" (2026); AWS's reference of STS condition keys (2026-10); GitHub's and GitLab's guides to OpenID Connect.
"""

GITHUB = "token.actions.githubusercontent.com"

# Issuers that many customers share: the claim that IAM demands when a role is made or changed.
REQUIRED_CLAIM = {
    GITHUB: "sub",
    "oidc-configuration.audit-log.githubusercontent.com": "sub",
    "vstoken.actions.githubusercontent.com": "sub",
    "gitlab.com": "sub",
    "app.terraform.io": "sub",
    "agent.buildkite.com": "sub",
    "oidc.codefresh.io": "sub",
    "studio.datachain.ai/api": "sub",
    "scalr.io": "sub",
    "tokens.cloud.shisho.dev": "sub",
    "proidc.upbound.io": "sub",
    "cognito-identity.amazonaws.com": "aud",
    "api.pulumi.com/oidc": "aud",
    "sandboxes.cloud": "aud",
    "oidc.vercel.com": "aud",
}
# Claims of GitHub's tokens, other than `sub`, that tie a role to a repository or to what only its owners can change.
GITHUB_PINNING_CLAIMS = frozenset(
    {"repository", "repository_id", "job_workflow_ref", "environment", "ref", "repository_owner_id"}
)
# First words of customised GitHub subjects that do not name a repository.
GITHUB_UNBOUND_SUBJECTS = ("workflow:", "environment:", "ref:", "context:", "head_ref:", "base_ref:")

# Principals whose service sends aws:SourceArn and aws:SourceAccount when it assumes a role: what to compare them with.
# Sources: confused-deputy pages of the guides of CodeBuild, CodeDeploy, EventBridge, Scheduler, ECS, CloudFormation,
# Step Functions. Services that are not known to send them (Lambda, EC2, CodePipeline) are left out on purpose.
SENDS_SOURCE = {
    "codebuild.amazonaws.com": "arn:aws:codebuild:REGION:ACCOUNT:project/NAME",
    "codedeploy.amazonaws.com": "arn:aws:codedeploy:REGION:ACCOUNT:deploymentgroup:APPLICATION/*",
    "events.amazonaws.com": "arn:aws:events:REGION:ACCOUNT:rule/NAME",
    "scheduler.amazonaws.com": "arn:aws:scheduler:REGION:ACCOUNT:schedule-group/NAME",
    "ecs-tasks.amazonaws.com": "arn:aws:ecs:REGION:ACCOUNT:*",
    "states.amazonaws.com": "arn:aws:states:REGION:ACCOUNT:stateMachine:NAME",
    "resources.cloudformation.amazonaws.com": "arn:aws:cloudformation:REGION:ACCOUNT:type/resource/NAME",
    "hooks.cloudformation.amazonaws.com": "arn:aws:cloudformation:REGION:ACCOUNT:type/hook/NAME",
}
# Principals that reach into policies of buckets, topics, queues and keys for whoever configures them.
REACHES_FOR_OTHERS = frozenset(
    {
        "cloudtrail.amazonaws.com",
        "codestar-notifications.amazonaws.com",
        "codebuild.amazonaws.com",
        "config.amazonaws.com",
        "events.amazonaws.com",
        "cloudwatch.amazonaws.com",
        "s3.amazonaws.com",
        "sns.amazonaws.com",
        "ses.amazonaws.com",
        "cloudfront.amazonaws.com",
        "logging.s3.amazonaws.com",
        "backup.amazonaws.com",
        "budgets.amazonaws.com",
        "scheduler.amazonaws.com",
    }
)


def provider_of(federated: str) -> str | None:
    """The issuer of an OIDC provider's ARN without its scheme (`gitlab.com`), or of a built-in name; else None."""
    _, found, issuer = federated.partition(":oidc-provider/")
    if found:
        return issuer
    return federated if federated and ":" not in federated and "." in federated else None

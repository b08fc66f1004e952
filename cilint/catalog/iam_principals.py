"""Service principals, and the built-in identity providers of trust policies. An open set: what is not here may exist.

Sources: the trust policies printed in AWS's guides (2026); IAM guide, "AWS JSON policy elements: Principal".
"""

from cilint.catalog.nearest import nearest

_SERVICES = (
    "access-analyzer amplify apigateway appconfig application-autoscaling application-insights appmesh apprunner "
    "appsync athena auditmanager autoscaling backup batch bedrock bedrock-agentcore braket budgets "
    "build.apprunner cloud9 cloudformation cloudfront cloudtrail cloudwatch codeartifact codebuild codecommit "
    "codeconnections codedeploy codeguru-reviewer codepipeline codestar codestar-connections codestar-notifications "
    "cognito-identity cognito-idp config connect controltower databrew datapipeline datasync dax dlm dms ds dynamodb "
    "ec2 ec2fleet ecr ecs ecs-tasks edgelambda eks eks-fargate eks-fargate-pods elasticache elasticbeanstalk "
    "elasticfilesystem elasticloadbalancing elasticmapreduce elastictranscoder emr-containers emr-serverless es "
    "events export.rds finspace firehose fis forecast fsx gamelift glacier globalaccelerator glue greengrass "
    "guardduty hooks.cloudformation imagebuilder inspector inspector2 iot ivs kafka kafkaconnect kendra kinesis "
    "kinesisanalytics kms lakeformation lambda lex lexv2 license-manager logs m2 machinelearning macie mediaconvert "
    "medialive mediapackage mediastore mgn mobilehub monitoring monitoring.rds mq network-firewall omics opsworks "
    "opsworks-cm organizations osis personalize pipes pods.eks polly proton purchaseorders qldb quicksight ram rds "
    "redshift redshift-serverless rekognition replication.ecr resilience-hub resource-groups "
    "resources.cloudformation robomaker rolesanywhere route53 s3 sagemaker scheduler schemas secretsmanager "
    "securityhub serverlessrepo servicecatalog servicecatalog-appregistry servicediscovery ses shield signer sms "
    "sns spot spotfleet sqs ssm ssm-incidents sso states storagegateway streams.metrics.cloudwatch sts support "
    "swf synthetics tagging tasks.apprunner textract timestream transcribe transfer transitgateway translate "
    "trustedadvisor vmie vpc-flow-logs vpc-lattice waf waf-regional wafv2 wellarchitected workspaces xray"
)
SERVICE_PRINCIPALS = frozenset(f"{name}.amazonaws.com" for name in _SERVICES.split())
# Values of `Federated` that are no ARN.
BUILT_IN_PROVIDERS = frozenset(
    {"accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"}
)
_ENDINGS = (".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".amazonaws.eu")


def well_formed(principal: str) -> bool:
    """Whether the text can be a service principal: lower case, in one of AWS's domains."""
    return principal == principal.lower() and principal.endswith(_ENDINGS) and " " not in principal


def nearest_service_principal(principal: str) -> str | None:
    """Did you mean: the known principal that differs by a letter or two; None for a known or regional one."""
    if principal in SERVICE_PRINCIPALS or not principal.endswith(".amazonaws.com"):
        return None
    name = principal.removesuffix(".amazonaws.com")
    if "." in name:
        return None
    close = nearest(name, (known.removesuffix(".amazonaws.com") for known in SERVICE_PRINCIPALS))
    if close is None or len(name) < 5 or name.startswith(close):  # `securityhubv2` is a service of its own
        return None
    return f"{close}.amazonaws.com"

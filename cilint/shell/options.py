"""The options that take the next word, per tool: what is needed to find the subcommand that stands behind them."""

from __future__ import annotations

from typing import Final

_AWS = (
    "--ca-bundle --cli-auto-prompt --cli-binary-format --cli-connect-timeout --cli-read-timeout --color "
    "--endpoint-url --output --profile --query --region "
    # of aws s3, whose operands are its source and destination
    "--acl --cache-control --content-disposition --content-encoding --content-language --content-type --copy-props "
    "--exclude --expected-size --expires --include --metadata --metadata-directive --page-size --source-region --sse "
    "--sse-c --sse-c-key --sse-kms-key-id --storage-class --website-redirect"
)
_DOCKER = "--config -c --context -H --host -l --log-level --tlscacert --tlscert --tlskey"
_KUBECTL = (
    "--as --as-group --cache-dir --certificate-authority --client-certificate --client-key --cluster --context "
    "--kubeconfig -n --namespace --request-timeout -s --server --token --user -v"
)
_MAVEN = (
    "-f --file -s --settings -gs --global-settings -P --activate-profiles -pl --projects -t --toolchains "
    "-T --threads -l --log-file -rf --resume-from -D --define -b --builder"
)
_PIP = "--python --log --proxy --retries --timeout --exists-action --trusted-host --cert --client-cert --cache-dir"

_WITH_VALUE: Final[dict[str, str]] = {
    "aws": _AWS,
    "bundle": "--gemfile",
    "cargo": "--config -C -Z --manifest-path --color",
    "cdk": "-a --app -c --context -p --plugin --profile --build -o --output -r --role-arn --toolkit-stack-name",
    "composer": "-d --working-dir",
    "conda": "-n --name -p --prefix",
    "docker": _DOCKER,
    "docker-compose": "-f --file -p --project-name --profile --env-file --project-directory --ansi -c --context",
    "eb": "--profile -r --region",
    "gh": "-R --repo",
    "git": "-C -c --git-dir --work-tree --namespace --exec-path --super-prefix",
    "go": "-C",
    "gradle": "-b --build-file -c --settings-file -p --project-dir -g --gradle-user-home -I --init-script -x "
    "--exclude-task --console --max-workers",
    "helm": "--burst-limit --kube-apiserver --kube-context --kubeconfig --kube-token -n --namespace --registry-config",
    "kubectl": _KUBECTL,
    "mvn": _MAVEN,
    "npm": "--prefix -C --registry --userconfig --cache --loglevel -w --workspace --otp --tag --access",
    "pip": _PIP,
    "pipenv": "--python --pypi-mirror",
    "pnpm": "-C --dir -F --filter --reporter --loglevel --registry",
    "podman": "--url --connection --identity --log-level --root --runroot --storage-driver",
    "poetry": "-C --directory -P --project",
    "sam": "--config-env --config-file --region --profile",
    "sbt": "--mem -mem --sbt-dir --ivy --java-home -java-home",
    "serverless": "--stage -s --region -r --config -c --aws-profile",
    "terraform": "",
    "uv": "--directory --project --config-file --cache-dir --python -p --color --index --default-index",
    "yarn": "--cwd --registry --cache-folder --modules-folder --use-yarnrc",
}

_SAME_LINE: Final = {
    "gradlew": "gradle",
    "helm3": "helm",
    "mvnw": "mvn",
    "oc": "kubectl",
    "pip3": "pip",
    "sls": "serverless",
    "tofu": "terraform",
}

_split: dict[str, frozenset[str]] = {}


def with_value(tool: str) -> frozenset[str]:
    """The tool's options that take the next word as their value (`--region eu-west-1`)."""
    found = _split.get(tool)
    if found is None:
        found = _split[tool] = frozenset(_WITH_VALUE.get(_SAME_LINE.get(tool, tool), "").split())
    return found

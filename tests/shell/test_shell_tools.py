"""What commands mean: installs of dependencies, and what is published or deployed."""

from __future__ import annotations

import pytest

from cilint.shell.script import SimpleCommand, parse
from cilint.shell.tools import INSTALLS, PUBLISHES, install_of, publish_of


def command(script: str) -> SimpleCommand:
    return parse(script).commands[0]


@pytest.mark.parametrize(
    ("script", "tool"),
    [
        ("npm ci", "npm"),
        ("npm --prefix web ci --silent", "npm"),
        ("npm install", "npm"),
        ("yarn", "yarn"),
        ("yarn --cwd web install --frozen-lockfile", "yarn"),
        ("pnpm install --frozen-lockfile", "pnpm"),
        ("pip install -r requirements.txt", "pip"),
        ("pip3 install -qrrequirements.txt -r x", "pip"),
        ("python3 -m pip install -e .", "pip"),
        ("pip install .[dev]", "pip"),
        ("uv sync --frozen", "uv"),
        ("poetry install", "poetry"),
        ("pipenv install --dev", "pipenv"),
        ("mvn -B $OPTIONS clean verify", "mvn"),
        ("./mvnw package", "mvn"),
        ("./gradlew build", "gradle"),
        ("go mod download", "go"),
        ("go build ./...", "go"),
        ("cargo build --release", "cargo"),
        ("bundle install", "bundle"),
        ("composer install", "composer"),
        ("dotnet restore", "dotnet"),
        ("sbt test", "sbt"),
        ("conda env create -f environment.yml", "conda"),
    ],
)
def test_installs_of_what_the_project_needs(script: str, tool: str) -> None:
    found = install_of(command(script))
    assert found is not None and found.tool == tool


@pytest.mark.parametrize(
    "script",
    [
        "pip install awscli",
        "pip install --upgrade pip",
        "python -m pip install 'aws-sam-cli==1.0'",
        "npm install -g aws-cdk",
        "npm install --global yarn",
        "npm install serverless",
        "npm run install",
        "npm run ci",
        "yarn --version",
        "yarn add lodash",
        "mvn --version",
        "gradle -v",
        "go version",
        "conda install boto3",
        "dotnet build --no-restore",
        "echo npm ci",
        "apt-get install -y zip",
    ],
)
def test_tools_and_other_commands_are_no_installs(script: str) -> None:
    assert install_of(command(script)) is None


@pytest.mark.parametrize(
    ("script", "fails_by_itself"),
    [
        ("docker push $REPOSITORY:latest", True),
        ("docker --context x image push a", True),
        ("docker buildx build --push -t a .", True),
        ("aws s3 sync dist s3://site --delete", False),
        ('aws s3 sync dist "s3://$BUCKET/" --acl public-read', False),
        ("aws --region x s3 cp --recursive dist s3://site", False),
        ("aws s3 cp app.zip s3://site/app.zip", True),
        ("aws cloudformation deploy --stack-name a", False),
        ("aws lambda update-function-code --function-name f", False),
        ("aws ecs update-service --service s", False),
        ("aws deploy create-deployment --application-name a", False),
        ("aws cloudfront create-invalidation --paths '/*'", False),
        ("sam deploy", False),
        ("npx cdk deploy --all", False),
        ("npx -y cdk@2 deploy", False),
        ("node_modules/.bin/serverless deploy", False),
        ("terraform -chdir=infra apply -auto-approve", False),
        ("kubectl -n web set image deployment/web web=$IMAGE", False),
        ("kubectl rollout restart deployment/web", False),
        ("helm --namespace web upgrade --install web .", False),
        ("npm publish", False),
        ("python -m twine upload dist/*", False),
        ("poetry run twine upload dist/*", False),
        ("mvn -B clean deploy", True),
        ("eb deploy", False),
        ("gh release create v1", False),
    ],
)
def test_what_is_published(script: str, fails_by_itself: bool) -> None:
    found = publish_of(command(script))
    assert found is not None and found.fails_by_itself is fails_by_itself


@pytest.mark.parametrize(
    "script",
    [
        "docker build -t a .",
        "docker pull a",
        "docker buildx build -t a .",
        "aws s3 cp s3://site/file .",
        "aws s3 sync s3://site local --exclude s3://x",
        "aws s3 ls s3://site",
        "aws s3 sync dist s3://site --dryrun",
        "aws cloudformation describe-stacks",
        "aws cloudformation package --s3-bucket b",
        "terraform plan",
        "cdk synth",
        "kubectl get pods",
        "kubectl apply -f x --dry-run=client",
        "kubectl rollout status deployment/web",
        "helm lint .",
        "helm repo add x y",
        "npm run publish",
        "npm publish --dry-run",
        "mvn package",
        "gh release view",
        "echo docker push",
    ],
)
def test_what_changes_nothing_outside_the_build(script: str) -> None:
    assert publish_of(command(script)) is None


def test_every_line_of_the_tables_can_be_reached() -> None:
    for line in INSTALLS:
        script = " ".join(word.split("|")[0] for word in line.words)
        tail = {"project": " -r x"}.get(line.operands, "" if len(line.words) > 1 or line.operands == "none" else " x")
        assert install_of(command(script + tail)) == line
    for publish in PUBLISHES:
        script = " ".join(word.split("|")[0] for word in publish.words)
        found = publish_of(command(script + (" a s3://b" if publish.operands == "to-s3" else "")))
        assert found is not None and found.does == publish.does

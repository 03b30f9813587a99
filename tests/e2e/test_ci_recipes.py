"""The recipes in docs/ci.md, run on the stand-in as a CI server runs them, with the command of this project."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.aws.policies import listed
from local.beanstalk.seed import sound_war
from local.cloud import Cloud
from local.settings import ACCOUNT, REGION
from tests.documents import Block, block_under, blocks
from tests.integration.shop import APPLICATION, STAGING, UNBAKED, Shop
from tests.unit.samples import ROOT

pytestmark = pytest.mark.real

RECIPE_SECONDS = 120
SESSION = "ci-server"
ONLY_IF_AN_UPLOAD_FAILS = {"s3:AbortMultipartUpload"}
"""tests/integration/test_command_line.py interrupts an upload."""

DOCUMENT = ROOT / "docs" / "ci.md"
BUILD_TOOL = """#!{python}
# The build of the shop: writes the file that the recipe drops.
import base64, pathlib
for name in ("target/shop.war", "target/shop-1.1.war", "build/libs/shop-1.2.war"):
    path = pathlib.Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode("{war}"))
"""
INSTALLER = """#!/bin/sh
# The command is installed already, in the environment of the tests.
test "$1 $2" = "install {wheel}"
"""


@dataclass(frozen=True)
class Ended:
    code: int
    output: str


class Job:
    """A checkout of the shop on an agent, with the variables of a CI server."""

    def __init__(self, folder: Path, cloud: Cloud, credentials: dict[str, str], build: str) -> None:
        self._folder = folder
        self._wheel = "https://wheels.example.com/wardrop-0.1.0-py3-none-any.whl"
        tools = folder / "tools"
        tools.mkdir()
        war = subprocess.run(["base64", "-w0"], input=sound_war(build), capture_output=True, check=True).stdout.decode()
        for tool in ("mvn", "gradle"):
            _write(tools / tool, BUILD_TOOL.format(python=sys.executable, war=war))
        _write(tools / "pipx", INSTALLER.format(wheel=self._wheel))
        self._environment = {
            "PATH": f"{tools}:{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder),
            "AWS_ENDPOINT_URL": cloud.endpoint,
            **credentials,
            "WARDROP_WHEEL": self._wheel,
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        git = ["git", "-c", "user.name=Jane", "-c", "user.email=jane@example.com"]
        for arguments in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", f"Build {build}"]):
            subprocess.run([*git, *arguments], cwd=folder, env=self._environment, check=True)

    @property
    def commit(self) -> str:
        ended = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=self._folder, capture_output=True, text=True, check=True
        )
        return ended.stdout.strip()

    def run(self, script: str, **variables: str) -> Ended:
        ended = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=self._folder,
            env=self._environment | {"AWS_REGION": REGION} | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=RECIPE_SECONDS,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout)


def _write(path: Path, script: str) -> None:
    path.write_text(script)
    path.chmod(0o755)


@pytest.fixture
def shop(cloud: Cloud) -> Shop:
    shop = Shop(cloud)
    shop.configure(APPLICATION, UNBAKED)
    return shop


@pytest.fixture(scope="module")
def role(cloud: Cloud) -> str:
    """The ARN of a role that has only the rights in the document. The statements have the Sids S0, S1 and so on."""
    iam, everybody = cloud.client("iam"), {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [everybody]})
    created = iam.create_role(RoleName="ci-server", AssumeRolePolicyDocument=trust)["Role"]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements(cloud)})
    iam.put_role_policy(RoleName="ci-server", PolicyName="Drop", PolicyDocument=document)
    return str(created["Arn"])


def statements(cloud: Cloud) -> list[dict[str, Any]]:
    text = block("What a pipeline needs", "json").text
    alias = f"{cloud.resources['RunCommand']['Arn']}:live"
    for name, value in {
        "REGION": REGION,
        "ACCOUNT": ACCOUNT,
        "DROP_BUCKET": cloud.outputs["DropBucket"],
        "ALIAS_ARN": alias,
    }.items():
        text = re.sub(rf"\b{name}\b", value, text)
    return [{"Sid": f"S{number}", **each} for number, each in enumerate(json.loads(text)["Statement"])]


@pytest.fixture
def credentials(cloud: Cloud, role: str) -> dict[str, str]:
    given = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName=SESSION)["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


@pytest.fixture
def job(tmp_path: Path, cloud: Cloud, credentials: dict[str, str], request: pytest.FixtureRequest) -> Job:
    return Job(tmp_path, cloud, credentials, request.node.name)


def block(heading: str, language: str) -> Block:
    return block_under("ci.md", heading, language)


def version_of(shop: Shop) -> str:
    [environment] = shop.beanstalk.describe_environments(EnvironmentNames=[STAGING])["Environments"]
    return str(environment["VersionLabel"])


def newest(shop: Shop) -> Any:
    return shop.ledger.environments.history(STAGING)[0]


def jenkins_steps() -> list[str]:
    [pipeline] = [each for each in blocks(DOCUMENT) if each.language == "groovy" and "pipeline {" in each.text]
    return re.findall(r"\bsh '([^']*)'", pipeline.text)


def test_the_pipeline_of_jenkins_deploys_the_build_under_its_number(shop: Shop, job: Job):
    ended = job.run(
        "\n".join(jenkins_steps()),
        BUILD_NUMBER="101",
        BUILD_URL="https://jenkins.example.com/job/shop/101/",
        JOB_NAME="shop",
        GIT_COMMIT=job.commit,
    )
    assert ended.code == 0, ended.output
    assert version_of(shop) == "shop-101"
    origin = newest(shop).origin
    assert (origin.commit, origin.build) == (job.commit, "https://jenkins.example.com/job/shop/101/")


def test_the_second_recipe_of_jenkins_gets_the_exit_code_of_a_superseded_or_rejected_build(shop: Shop, job: Job):
    [script] = [each for each in blocks(DOCUMENT) if each.language == "groovy" and each.text.startswith("script")]
    [command] = re.findall(r"script: '([^']*)'", script.text)
    assert job.run(f"mkdir target; echo no WAR >target/shop.war; {command}", BUILD_NUMBER="102").code == 5
    assert version_of(shop) != "shop-102"


class GitHub:
    """The part of GitHub's API that a workflow uses. It records the requests."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, Any, str]] = []
        handler = type("Handler", (BaseHTTPRequestHandler,), {"do_POST": self._post(), "log_message": _quiet})
        self._server = HTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _post(self) -> Callable[[BaseHTTPRequestHandler], None]:
        def post(request: BaseHTTPRequestHandler) -> None:
            body = request.rfile.read(int(request.headers["Content-Length"]))
            self.requests.append((request.path, json.loads(body), request.headers["Authorization"]))
            request.send_response(201)
            request.end_headers()
            request.wfile.write(b'{"id": 7}')

        return post

    def __enter__(self) -> "GitHub":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _quiet(*_: object) -> None:
    """The requests are recorded, so they are not logged."""


@pytest.fixture
def github() -> Iterator[GitHub]:
    with GitHub() as running:
        yield running


def run_on_github(job: Job, github: GitHub, number: str) -> Ended:
    """The steps with `run`, each in a shell of its own, as a runner does."""
    workflow = yaml.safe_load(block("GitHub Actions", "yaml").text)
    variables = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": "example/shop",
        "GITHUB_RUN_ID": "9000",
        "GITHUB_RUN_NUMBER": number,
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_SHA": job.commit,
        "GITHUB_TOKEN": "a-token",
    }
    ended = Ended(0, "")
    for step in workflow["jobs"]["deploy"]["steps"]:
        if "run" in step and ended.code == 0:
            ended = job.run(step["run"], **variables)
    return ended


def test_the_workflow_of_github_deploys_and_sets_the_status_of_the_deployment(shop: Shop, job: Job, github: GitHub):
    ended = run_on_github(job, github, "201")
    assert ended.code == 0, ended.output
    assert version_of(shop) == "shop-201"
    (path, deployment, token), *statuses = github.requests
    assert (path, token) == ("/repos/example/shop/deployments", "Bearer a-token")
    assert (deployment["ref"], deployment["environment"]) == (job.commit, STAGING)
    assert [(path, body["state"]) for path, body, _ in statuses] == [
        ("/repos/example/shop/deployments/7/statuses", "in_progress"),
        ("/repos/example/shop/deployments/7/statuses", "success"),
    ]
    assert newest(shop).origin.build == "https://github.com/example/shop/actions/runs/9000"


def test_a_workflow_whose_version_fails_sets_the_status_failure_and_fails(shop: Shop, job: Job, github: GitHub):
    shop.cloud.control("POST", "/faults", {"fault": "deploy-fails-command", "environment": STAGING, "times": 1})
    ended = run_on_github(job, github, "202")
    assert ended.code in (3, 4), ended.output
    assert [body["state"] for _, body, _ in github.requests[1:]] == ["in_progress", "failure"]
    assert version_of(shop) != "shop-202"


def test_the_workflow_of_github_may_only_read_code_write_deployments_and_get_an_identity_token():
    workflow = yaml.safe_load(block("GitHub Actions", "yaml").text)
    assert workflow["permissions"] == {"contents": "read", "deployments": "write", "id-token": "write"}


def test_the_job_of_gitlab_deploys_the_pipeline_under_its_number(shop: Shop, job: Job):
    recipe = yaml.safe_load(block("GitLab", "yaml").text)["deploy"]
    folder = str(job._folder)
    own = {name: value.replace("$CI_PROJECT_DIR", folder) for name, value in recipe["variables"].items()}
    ended = job.run(
        "\n".join(recipe["script"]),
        **own,
        AWS_TOKEN="a-token",
        CI_COMMIT_SHA=job.commit,
        CI_JOB_URL="https://gitlab.example.com/example/shop/-/jobs/9",
        CI_PIPELINE_IID="301",
        CI_PROJECT_DIR=folder,
        GITLAB_CI="true",
    )
    assert ended.code == 0, ended.output
    assert version_of(shop) == "shop-301"
    assert (job._folder / ".aws-token").read_text() == "a-token"
    assert newest(shop).origin.build == "https://gitlab.example.com/example/shop/-/jobs/9"


@pytest.mark.parametrize("number", [0, 1], ids=["maven", "gradle"])
def test_one_line_of_maven_or_gradle_deploys_the_file_under_its_name(shop: Shop, job: Job, number: int):
    lines = [each for each in blocks(DOCUMENT) if each.heading == "Maven and Gradle"]
    ended = job.run(lines[number].text)
    assert ended.code == 0, ended.output
    assert version_of(shop) == f"shop-1.{number + 1}"


def test_a_recipe_needs_every_right_in_the_document_and_no_other(shop: Shop, job: Job, role: str):
    """All jobs of this module have these rights alone. Here a large file is uploaded in parts."""
    large = "import pathlib, random; pathlib.Path('large.bin').write_bytes(random.Random(7).randbytes(9 << 20))"
    build = f'mvn; {sys.executable} -c "{large}"; zip -q0 target/shop.war large.bin'
    ended = job.run(f"{build}; wardrop drop target/shop.war --app shop --env {STAGING} --label rights-1")
    assert ended.code == 0, ended.output
    used = {(sid, action) for who, sid, action in shop.cloud.control("GET", "/grants") if who == role}
    granted = {(each["Sid"], action) for each in statements(shop.cloud) for action in listed(each["Action"])}
    assert {action for _, action in granted - used} == ONLY_IF_AN_UPLOAD_FAILS
    calls = shop.cloud.control("GET", "/calls")
    assert [call for call in calls if call["status"] == 403 and call["principal"] == SESSION] == []

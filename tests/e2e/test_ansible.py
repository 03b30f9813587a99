"""Ansible's module for applications against the stand-in. `make real-tools` installs the module unchanged."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.cloud import Cloud
from local.settings import REGION, ROOT
from tests.integration.shop import APPLICATION

pytestmark = pytest.mark.real

TOOLS = ROOT / ".tools"
ANSIBLE_SECONDS = 120


class ElasticbeanstalkApp:
    """`community.aws.elasticbeanstalk_app`, run on this machine with the given parameters."""

    def __init__(self, cloud: Cloud, home: Path) -> None:
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(TOOLS),
            "ANSIBLE_NOCOLOR": "1",
            "AWS_ENDPOINT_URL": cloud.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
        }

    def __call__(self, **parameters: str) -> tuple[str, dict[str, Any]]:
        """The outcome that Ansible prints, such as CHANGED, and the result of the module."""
        interpreter = json.dumps({"ansible_python_interpreter": "{{ ansible_playbook_python }}"})
        command = [TOOLS / "bin/ansible", "localhost", "-e", interpreter, "-m", "community.aws.elasticbeanstalk_app"]
        ended = subprocess.run(
            [*command, "-a", json.dumps(parameters)],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=ANSIBLE_SECONDS,
            check=False,
        )
        printed = re.search(r"^localhost \| ([A-Z]+)!? => (\{.*)", ended.stdout, re.MULTILINE | re.DOTALL)
        assert printed, ended.stdout + ended.stderr
        result, _ = json.JSONDecoder().raw_decode(printed[2])
        return printed[1], result


@pytest.fixture
def app(cloud: Cloud, tmp_path: Path) -> ElasticbeanstalkApp:
    return ElasticbeanstalkApp(cloud, tmp_path)


def applications(cloud: Cloud) -> set[str]:
    answer = cloud.client("elasticbeanstalk").describe_applications()
    return {application["ApplicationName"] for application in answer["Applications"]}


def test_an_application_is_created_changed_and_deleted(app: ElasticbeanstalkApp, cloud: Cloud) -> None:
    outcome, result = app(app_name="played", description="first")
    assert (outcome, result["app"]["ApplicationName"], result["app"]["Description"]) == ("CHANGED", "played", "first")
    outcome, result = app(app_name="played", description="first")
    assert (outcome, result["changed"]) == ("SUCCESS", False)
    outcome, result = app(app_name="played", description="second")
    assert (outcome, result["app"]["Description"]) == ("CHANGED", "second")
    assert app(app_name="played", state="absent")[0] == "CHANGED"
    outcome, result = app(app_name="played", state="absent")
    assert (outcome, result["output"]) == ("SUCCESS", "Application not found")
    assert "played" not in applications(cloud)


def test_an_application_with_environments_is_not_deleted(app: ElasticbeanstalkApp, cloud: Cloud) -> None:
    outcome, result = app(app_name=APPLICATION, state="absent")
    assert outcome == "FAILED"
    assert result["error"]["code"] == "InvalidParameterValue"
    assert result["msg"].startswith("Cannot terminate app: ")
    assert APPLICATION in applications(cloud)

"""The EB CLI, unchanged, on the stand-in: exit codes and last lines, for good deploys and for failing ones."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from local.beanstalk.seed import sound_war
from local.cloud import Cloud
from local.settings import REGION, ROOT
from tests.integration.shop import PROD, STAGING, Shop, archive

pytestmark = pytest.mark.real

EB = ROOT / ".tools/bin/eb"
SECONDS = 60
CONFIGURATION = f"""
branch-defaults:
  default:
    environment: {STAGING}
global:
  application_name: shop
  default_region: {REGION}
  default_platform: Tomcat 11 with Corretto 21 running on 64bit Amazon Linux 2023
  sc: null
deploy:
  artifact: app.war
"""


class Eb:
    """A project's folder as `eb init` leaves it."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.folder = folder
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONWARNINGS": "ignore",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        (folder / ".elasticbeanstalk").mkdir()
        (folder / ".elasticbeanstalk/config.yml").write_text(CONFIGURATION)

    def __call__(self, *arguments: str, code: int = 0, answers: str = "") -> str:
        ended = subprocess.run(
            [EB, *arguments],
            cwd=self.folder,
            env=self._environment,
            input=answers,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        said = ended.stdout + ended.stderr
        assert ended.returncode == code, said
        return said.strip()

    def bundle(self, content: bytes) -> None:
        (self.folder / "app.war").write_bytes(content)


@pytest.fixture(scope="module")
def eb(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Eb:
    return Eb(tmp_path_factory.mktemp("project"), cloud.endpoint)


@pytest.fixture
def shop(cloud: Cloud) -> Shop:
    return Shop(cloud)


def test_it_shows_what_is_there(eb: Eb) -> None:
    status = eb("status")
    assert "Deployed Version: shop-0" in status
    assert "Status: Ready" in status
    assert eb("list").splitlines() == [PROD, f"* {STAGING}"]
    assert re.search(r"Deployed\s+1\s+shop-0", eb("health"))
    eb("events")


def test_settings_are_set_and_shown(eb: Eb) -> None:
    assert eb("setenv", "COLOUR=blue").endswith("Successfully deployed new configuration to environment.")
    assert "COLOUR = blue" in eb("printenv")


def test_a_deploy_goes_live_and_an_earlier_version_comes_back(eb: Eb, shop: Shop) -> None:
    eb.bundle(sound_war("eb-1"))
    assert eb("deploy", "-l", "eb-1").endswith("Environment update completed successfully.")
    assert shop.instances(STAGING) == ["eb-1", "eb-1"]
    assert eb("deploy", "--version", "shop-0").endswith("Environment update completed successfully.")
    assert shop.environment(STAGING)["VersionLabel"] == "shop-0"


def test_a_bundle_is_processed_first_if_that_is_asked_for(eb: Eb, shop: Shop) -> None:
    eb.bundle(sound_war("eb-2"))
    assert eb("deploy", "-p", "-l", "eb-2").endswith("Environment update completed successfully.")
    assert shop.environment(STAGING)["VersionLabel"] == "eb-2"
    eb.bundle(archive({"index.html": "x", "WEB-INF/web.xml": "<web-app/>", ".ebextensions/a.config": "a: [1"}))
    said = eb("deploy", "-p", "-l", "eb-3")  # the EB CLI itself exits with 0 here
    assert "Pre-processing of application version eb-3 has failed." in said


def test_a_deploy_that_fails_ends_with_beanstalks_error(eb: Eb, shop: Shop) -> None:
    eb.bundle(sound_war("eb-4"))
    shop.fault("deploy-fails-command", environment=STAGING, times=1)
    said = eb("deploy", "-l", "eb-4", code=4)
    assert "Failed to deploy application." in said
    assert shop.environment(STAGING)["VersionLabel"] != "eb-4"
    assert eb("deploy", "--version", "eb-2").endswith("Environment update completed successfully.")


def test_versions_are_made_and_deleted(eb: Eb, shop: Shop) -> None:
    eb.bundle(sound_war("eb-5"))
    assert eb("appversion", "--create", "-l", "eb-5").endswith("Upload Complete.")
    assert set(shop.versions("eb-5")) == {"eb-5"}
    assert "deleted successfully" in eb("appversion", "--delete", "eb-5", answers="y\n")
    assert not shop.versions("eb-5")


def test_only_what_runs_is_aborted(eb: Eb, shop: Shop) -> None:
    assert "no environments currently being updated" in eb("abort", code=4)
    with shop.busy():
        eb("abort", STAGING)
        shop.await_ready()
        shop.beanstalk.update_environment(EnvironmentName=STAGING, VersionLabel="shop-0")
        shop.cloud.eventually(lambda: shop.environment(STAGING)["Status"] == "Updating")
    shop.await_ready()


def test_addresses_are_swapped(eb: Eb, shop: Shop) -> None:
    before = shop.environment(STAGING)["CNAME"]
    said = eb("swap", STAGING, "-n", PROD)
    assert said.endswith(f"Completed swapping CNAMEs for environments '{STAGING}' and '{PROD}'.")
    assert shop.environment(PROD)["CNAME"] == before


def test_an_environment_is_terminated_and_its_name_is_free_again(eb: Eb, shop: Shop) -> None:
    stack = shop.environment(STAGING)["SolutionStackName"]
    made = {"ApplicationName": "shop", "EnvironmentName": "shop-brief", "SolutionStackName": stack}
    shop.beanstalk.create_environment(**made)
    shop.await_ready()
    assert eb("terminate", "shop-brief", "--force").endswith("terminateEnvironment completed successfully.")
    assert "shop-brief" not in eb("list")
    shop.beanstalk.create_environment(**made)
    shop.await_ready()

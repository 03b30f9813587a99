"""The unchanged EB CLI on the stand-in: its exit codes and its last lines."""

import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

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
    """Runs the EB CLI in the folder of a project, after `eb init`."""

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
        output = ended.stdout + ended.stderr
        assert ended.returncode == code, output
        return output.strip()

    def bundle(self, content: bytes) -> None:
        (self.folder / "app.war").write_bytes(content)


@pytest.fixture(scope="module")
def eb(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Eb:
    return Eb(tmp_path_factory.mktemp("project"), cloud.endpoint)


@pytest.fixture
def shop(cloud: Cloud) -> Shop:
    return Shop(cloud)


def test_status_list_health_and_events_are_shown(eb: Eb) -> None:
    status = eb("status")
    assert "Deployed Version: shop-0" in status
    assert "Status: Ready" in status
    assert eb("list").splitlines() == [PROD, f"* {STAGING}"]
    assert re.search(r"Deployed\s+1\s+shop-0", eb("health"))
    eb("events")


def test_settings_are_set_and_shown(eb: Eb) -> None:
    assert eb("setenv", "COLOUR=blue").endswith("Successfully deployed new configuration to environment.")
    assert "COLOUR = blue" in eb("printenv")


def test_a_bundle_and_an_earlier_version_are_deployed(eb: Eb, shop: Shop) -> None:
    eb.bundle(sound_war("eb-1"))
    assert eb("deploy", "-l", "eb-1").endswith("Environment update completed successfully.")
    assert shop.instances(STAGING) == ["eb-1", "eb-1"]
    assert eb("deploy", "--version", "shop-0").endswith("Environment update completed successfully.")
    assert shop.environment(STAGING)["VersionLabel"] == "shop-0"


def test_with_the_option_process_a_bundle_is_processed_first(eb: Eb, shop: Shop) -> None:
    eb.bundle(sound_war("eb-2"))
    assert eb("deploy", "-p", "-l", "eb-2").endswith("Environment update completed successfully.")
    assert shop.environment(STAGING)["VersionLabel"] == "eb-2"
    eb.bundle(archive({"index.html": "x", "WEB-INF/web.xml": "<web-app/>", ".ebextensions/a.config": "a: [1"}))
    output = eb("deploy", "-p", "-l", "eb-3")  # The EB CLI exits with 0, although the processing fails.
    assert "Pre-processing of application version eb-3 has failed." in output


def test_a_deploy_that_fails_ends_with_beanstalks_error(eb: Eb, shop: Shop) -> None:
    eb.bundle(sound_war("eb-4"))
    shop.fault("deploy-fails-command", environment=STAGING, times=1)
    output = eb("deploy", "-l", "eb-4", code=4)
    assert "Failed to deploy application." in output
    assert shop.environment(STAGING)["VersionLabel"] != "eb-4"
    assert eb("deploy", "--version", "eb-2").endswith("Environment update completed successfully.")


def test_versions_are_made_and_deleted(eb: Eb, shop: Shop) -> None:
    eb.bundle(sound_war("eb-5"))
    assert eb("appversion", "--create", "-l", "eb-5").endswith("Upload Complete.")
    assert set(shop.versions("eb-5")) == {"eb-5"}
    assert "deleted successfully" in eb("appversion", "--delete", "eb-5", answers="y\n")
    assert not shop.versions("eb-5")


def test_only_an_update_in_progress_is_aborted(eb: Eb, shop: Shop) -> None:
    assert "no environments currently being updated" in eb("abort", code=4)
    with shop.foreign_update():
        eb("abort", STAGING)
        shop.await_ready()
        shop.beanstalk.update_environment(EnvironmentName=STAGING, VersionLabel="shop-0")
        shop.cloud.eventually(lambda: shop.environment(STAGING)["Status"] == "Updating")
    shop.await_ready()


def test_cnames_are_swapped(eb: Eb, shop: Shop) -> None:
    before = shop.environment(STAGING)["CNAME"]
    output = eb("swap", STAGING, "-n", PROD)
    assert output.endswith(f"Completed swapping CNAMEs for environments '{STAGING}' and '{PROD}'.")
    assert shop.environment(PROD)["CNAME"] == before


def test_an_environment_is_terminated_and_its_name_is_free_again(eb: Eb, shop: Shop) -> None:
    stack = shop.environment(STAGING)["SolutionStackName"]
    request = {"ApplicationName": "shop", "EnvironmentName": "shop-brief", "SolutionStackName": stack}
    shop.beanstalk.create_environment(**request)
    shop.await_ready()
    assert eb("terminate", "shop-brief", "--force").endswith("terminateEnvironment completed successfully.")
    assert "shop-brief" not in eb("list")
    shop.beanstalk.create_environment(**request)
    shop.await_ready()


BRANCH = "Tomcat 11 with Corretto 21 running on 64bit Amazon Linux 2023"
SUPERSEDED = "64bit Amazon Linux 2023 v5.3.0 running Tomcat 10 Corretto 21"


@pytest.fixture(scope="module")
def new_project(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Eb:
    """The folder of a new project, which `eb init` and `eb create` prepare."""
    eb = Eb(tmp_path_factory.mktemp("mall"), cloud.endpoint)
    configuration = eb.folder / ".elasticbeanstalk/config.yml"
    configuration.unlink()
    assert eb("init", "mall", "-p", BRANCH, "-r", REGION) == "Application mall has been created."
    with configuration.open("a") as file:
        file.write("deploy:\n  artifact: app.war\n")
    eb.bundle(sound_war("mall-1"))
    assert eb("create", "mall-test", "-c", "mall-test").endswith("Successfully launched environment: mall-test")
    return eb


def test_platforms_are_listed_without_retired_branches(eb: Eb) -> None:
    platforms = eb("platform", "list", "--region", REGION).split()
    assert "tomcat-11-corretto-21" in platforms
    assert "Status: Ready" in eb("status")


def test_an_environment_is_cloned_terminated_and_restored(new_project: Eb, cloud: Cloud) -> None:
    assert new_project("clone", "mall-test", "-n", "mall-clone", "-c", "mall-clone").endswith("mall-clone")
    assert new_project("terminate", "mall-clone", "--force").endswith("terminateEnvironment completed successfully.")
    filters = {"EnvironmentNames": ["mall-clone"], "IncludedDeletedBackTo": datetime.now(UTC) - timedelta(days=1)}
    ended = cloud.client("elasticbeanstalk").describe_environments(**filters)["Environments"]
    assert new_project("restore", ended[0]["EnvironmentId"]).endswith("Successfully launched environment: mall-clone")
    assert "Status: Ready" in new_project("status", "mall-clone")


def test_an_environment_is_upgraded_to_the_recommended_platform(new_project: Eb) -> None:
    new_project("create", "mall-old", "-c", "mall-old", "-p", SUPERSEDED)
    assert "isn't recommended" in new_project("status", "mall-old")
    output = new_project("upgrade", "mall-old", "--force")
    assert output.endswith("Successfully deployed new configuration to environment.")
    assert "2023/5.7.0" in new_project("status", "mall-old")


def test_a_configuration_is_saved_as_a_file(new_project: Eb) -> None:
    new_project("config", "save", "mall-test", "--cfg", "saved")
    saved = yaml.safe_load((new_project.folder / ".elasticbeanstalk/saved_configs/saved.cfg.yml").read_text())
    assert BRANCH in saved["Platform"]["PlatformArn"]
    assert saved["OptionSettings"]["aws:elasticbeanstalk:environment"]["ServiceRole"]
    assert new_project("config", "list") == "saved"


def test_an_application_is_deleted_with_its_environments(new_project: Eb, cloud: Cloud) -> None:
    new_project("terminate", "--all", "--force")
    applications = cloud.client("elasticbeanstalk").describe_applications()["Applications"]
    assert "mall" not in {each["ApplicationName"] for each in applications}

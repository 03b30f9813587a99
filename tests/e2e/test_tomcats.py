"""Real WARs on real Tomcats behind a load balancer, under a load of requests that are counted and never repeated."""

import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.beanstalk.replacement import PROCESS
from local.cloud import Cloud
from tests.e2e.test_eb_cli import Eb
from tests.integration.shop import APPLICATION, PROD, STAGING, Dropped, Shop
from tests.tomcats import wars
from tests.tomcats.fleet import address, await_ended, await_healthy, tomcats
from tests.tomcats.load import Answers, Load, total
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State

pytestmark = pytest.mark.real

REQUESTS = 50_000
PATIENCE_SECONDS = 180
RULES = "bad_for: 1s, approval: none, guard: off"


def configuration(bake: str) -> str:
    return f"environments: [{{name: {STAGING}, bake: {bake}, {RULES}}}, {{name: {PROD}, bake: {bake}, {RULES}}}]"


@pytest.fixture(scope="module")
def fleet() -> Iterator[Cloud]:
    with Cloud(speed=120, fleet="tomcat") as running:
        yield running


@pytest.fixture
def shop(fleet: Cloud) -> Iterator[Shop]:
    shop = Shop(fleet)
    shop.configure(APPLICATION, configuration("0s"))
    for environment in (STAGING, PROD):
        await_healthy(shop, environment, PATIENCE_SECONDS)
    yield shop
    assert (shop.dead_letters(), shop.forbidden_calls()) == ({}, [])


def page(shop: Shop, environment: str, path: str = "") -> str:
    with urllib.request.urlopen(address(shop, environment) + path, timeout=10) as answer:  # noqa: S310 - http to this machine
        return str(answer.read().decode())


def await_bake(shop: Shop, environment: str, dropped: Dropped) -> None:
    """Returns when the version runs on all instances and bakes."""
    deployment_id = shop.deployment_id(dropped)

    def is_baking() -> bool:
        deployment = shop.deployment(environment, deployment_id)
        return deployment is not None and deployment.state is State.BAKING

    shop.cloud.eventually(is_baking, PATIENCE_SECONDS)


def rolled(shop: Shop, key: str, content: bytes, path: str = "") -> tuple[Deployment, Answers]:
    """Drops a WAR into production's folder. Returns its deployment and the answers of production until its end."""
    with Load(address(shop, PROD) + path) as load:
        dropped = shop.drop(f"shop/{PROD}/{key}", content)
        deployment = await_ended(shop, PROD, dropped, PATIENCE_SECONDS)
    return deployment, load.answers


def test_two_versions_roll_over_three_tomcats_and_no_request_fails(shop: Shop) -> None:
    measured = []
    for number in (1, 2):
        deployment, answers = rolled(shop, f"sample-{number}.war", wars.sample(f"sample {number}"))
        assert deployment.state is State.SUCCEEDED
        assert page(shop, PROD, "version.txt") == f"sample {number}"
        measured.append(answers)
    while total(measured)[0] < REQUESTS:
        with Load(address(shop, PROD)) as load:
            time.sleep(2)
        measured.append(load.answers)
    assert total(measured)[1] == 0, measured


def test_without_draining_requests_fail_while_a_version_rolls(shop: Shop) -> None:
    set_drain_seconds(shop, "0")
    try:
        deployment, answers = rolled(shop, "sample-3.war", wars.sample("sample 3"), "slow.jsp")
        assert deployment.state is State.SUCCEEDED
        assert answers.failed > 0
    finally:
        set_drain_seconds(shop, "20")


def set_drain_seconds(shop: Shop, seconds: str) -> None:
    option = {"Namespace": PROCESS, "OptionName": "DeregistrationDelay", "Value": seconds}
    shop.beanstalk.update_environment(EnvironmentName=PROD, OptionSettings=[option])
    shop.await_ready()


def test_a_version_that_does_not_start_is_rolled_back_with_its_exception_as_the_cause_and_no_request_fails(
    shop: Shop,
) -> None:
    before = shop.environment(PROD)["VersionLabel"]
    deployment, answers = rolled(shop, "broken-1.war", wars.with_listener("ListenerThrows"))
    assert deployment.state is State.ROLLED_BACK
    assert answers.failed == 0, answers
    assert shop.instances(PROD) == [before] * 3
    [alert] = [each for each in shop.alerts(deployment=deployment.id) if each["kind"] == "deployment_rolled_back"]
    assert "java.lang.IllegalStateException: environment variable SHOP_DB_URL is not set" in str(alert)
    assert "com.acme.shop.ListenerThrows.contextInitialized(ListenerThrows.java:9)" in str(alert)


def test_a_tomcat_that_is_killed_in_a_bake_makes_health_bad_and_the_version_is_rolled_back(shop: Shop) -> None:
    shop.configure(APPLICATION, configuration("10m"))
    dropped = shop.drop(f"shop/{STAGING}/killed-1.war", wars.sound("killed 1"))
    await_bake(shop, STAGING, dropped)
    [pid] = tomcats(shop, STAGING).values()
    os.kill(pid, signal.SIGKILL)
    deployment = await_ended(shop, STAGING, dropped, PATIENCE_SECONDS)
    assert deployment.state is State.ROLLED_BACK
    assert "health is Severe" in next(m.reason for m in deployment.history if m.state is State.ROLLING_BACK)


def test_a_version_that_fails_a_tenth_of_its_requests_in_a_bake_is_rolled_back(shop: Shop) -> None:
    shop.configure(APPLICATION, configuration("10m"))
    with Load(address(shop, PROD)) as load:
        dropped = shop.drop(f"shop/{PROD}/tenth-1.war", wars.with_servlet("SometimesFails"))
        deployment = await_ended(shop, PROD, dropped, PATIENCE_SECONDS)
    assert deployment.state is State.ROLLED_BACK
    assert load.answers.failed == load.answers.status > 0
    assert "HTTP 5xx" in str(deployment.history)


def test_the_eb_cli_deploys_to_a_tomcat(shop: Shop, tmp_path: Path) -> None:
    eb = Eb(tmp_path, shop.cloud.endpoint)
    eb.bundle(wars.sound("by the EB CLI"))
    assert eb("deploy", "-l", "eb-1").endswith("Environment update completed successfully.")
    assert "by the EB CLI" in page(shop, STAGING)

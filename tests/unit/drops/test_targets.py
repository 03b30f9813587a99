"""The environments to which a drop is deployed."""

from datetime import timedelta

import pytest

from tests.unit.configuration.samples import DENIED
from tests.unit.drops.samples import inspected
from tests.unit.samples import environment
from wardrop.configuration.in_force import NO_DOCUMENT, InForce, Source
from wardrop.configuration.schema import Configuration, parse
from wardrop.drops.key import read_key
from wardrop.drops.targets import (
    HELD_FOR,
    FirstStageUnknown,
    Targets,
    check_first_stage,
    check_platform,
    check_tier,
    target_environments,
)
from wardrop.errors import Rejected

ARN = "arn:aws:elasticbeanstalk:us-east-1::platform/"
ONE = {"shop-staging": environment()}
TWO = {**ONE, "shop-prod": environment(name="shop-prod", id="e-2")}
UNREAD = InForce(Source.HELD, None, fault=DENIED)
AT_ONCE = timedelta(0)
PROD_FIRST = parse("environments: [{name: shop-prod}, {name: shop-staging}]")
SIDE_BY_SIDE = parse("environments: [[{name: shop-prod}, {name: shop-staging}]]")


@pytest.mark.parametrize(
    ("key", "configuration", "environments", "names"),
    [
        ("shop/shop-staging/a.war", Configuration(), TWO, ["shop-staging"]),
        ("shop/shop-staging/a.war", PROD_FIRST, TWO, ["shop-staging"]),
        ("shop/a.war", PROD_FIRST, TWO, ["shop-prod"]),
        ("shop/a.war", SIDE_BY_SIDE, TWO, ["shop-prod", "shop-staging"]),
        ("shop/a.war", Configuration(), ONE, ["shop-staging"]),
    ],
)
def test_the_environment_in_the_key_comes_before_the_first_stage_and_the_only_environment(
    key, configuration, environments, names
):
    targets = target_environments(read_key(key), configuration, environments)
    assert [environment.name for environment in targets.environments] == names
    assert targets.why_none == ""


def test_without_configuration_and_with_several_environments_nothing_is_deployed():
    targets = target_environments(read_key("shop/a.war"), Configuration(), TWO)
    assert targets.environments == []
    assert targets.why_none == (
        "nothing is deployed, because shop has the environments shop-prod, shop-staging, and no configuration states "
        "which of them is the first; to deploy the file, drop it as shop/<environment>/a.war"
    )


def test_without_environments_nothing_is_deployed():
    targets = target_environments(read_key("shop/a.war"), Configuration(), {})
    assert (targets.environments, targets.why_none) == ([], "nothing is deployed, because shop has no environment")


def test_an_environment_that_does_not_exist_is_rejected_with_the_ones_that_do():
    with pytest.raises(Rejected, match="application shop has no environment shop-x; it has shop-prod, shop-staging"):
        target_environments(read_key("shop/shop-x/a.war"), Configuration(), TWO)


def test_a_configured_environment_that_was_terminated_is_rejected():
    with pytest.raises(Rejected, match="has no environment shop-prod; it has shop-staging"):
        target_environments(read_key("shop/a.war"), PROD_FIRST, ONE)


def test_an_environment_of_the_cluster_tier_takes_no_bundle():
    check_tier(Targets([environment(tier="Worker")]))
    with pytest.raises(Rejected, match=r"shop-eks is .* of the Cluster tier .* accepts no WAR, ZIP or JAR;"):
        check_tier(Targets([environment(), environment(name="shop-eks", tier="Cluster")]))


def test_every_environment_must_run_the_bundle():
    java_se = environment(name="shop-api", platform=f"{ARN}Corretto 21 running on 64bit Amazon Linux 2023/4.7.0")
    check_platform(Targets([environment(), java_se]), inspected("shop-1.jar"))
    with pytest.raises(Rejected, match=r"shop-api runs Corretto 21 \(Java SE\)"):
        check_platform(Targets([environment(), java_se]), inspected("shop-1.war"))


def test_docker_takes_a_war_only_with_a_dockerfile():
    docker = Targets([environment(platform=f"{ARN}Docker running on 64bit Amazon Linux 2023/4.7.0")])
    check_platform(docker, inspected("shop-1.zip"))
    check_platform(docker, inspected("shop-1.war", docker_files=["Dockerfile"]))
    with pytest.raises(Rejected, match="shop-staging runs Docker, which accepts a ZIP but not a WAR"):
        check_platform(docker, inspected("shop-1.war"))


@pytest.mark.parametrize("environments", [ONE, TWO])
def test_a_drop_without_an_environment_waits_while_no_configuration_is_in_force(environments):
    """The only environment is not always the first one, which may be in the middle of its recreation."""
    with pytest.raises(FirstStageUnknown, match=r"shop-1\.war is held, because the configuration of shop") as caught:
        check_first_stage(read_key("shop/shop-1.war"), UNREAD, environments, HELD_FOR - timedelta(seconds=1))
    assert caught.value.retry_after == 300


def test_it_is_rejected_after_an_hour_and_a_half():
    with pytest.raises(Rejected, match=r"has waited for 1 h 30 min\. Correct the cause, and drop the file again"):
        check_first_stage(read_key("shop/shop-1.war"), UNREAD, TWO, timedelta(minutes=90))


@pytest.mark.parametrize(
    ("key", "configuration", "environments"),
    [
        ("shop/shop-prod/shop-1.war", UNREAD, TWO),
        ("shop/shop-1.war", UNREAD, {}),
        ("shop/shop-1.war", NO_DOCUMENT, TWO),
        ("shop/shop-1.war", InForce(Source.LAST_GOOD, PROD_FIRST, fault=DENIED), TWO),
    ],
)
def test_other_drops_do_not_wait_for_a_configuration(key, configuration, environments):
    check_first_stage(read_key(key), configuration, environments, AT_ONCE)

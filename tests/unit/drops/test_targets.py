"""Which environments a drop goes to."""

import pytest

from tests.unit.drops.samples import inspected
from tests.unit.samples import environment
from wardrop.configuration.schema import Configuration, parse
from wardrop.drops.key import read_key
from wardrop.drops.targets import Targets, check_platform, check_tier, target_environments
from wardrop.errors import Rejected

ARN = "arn:aws:elasticbeanstalk:us-east-1::platform/"
ONE = {"shop-staging": environment()}
TWO = {**ONE, "shop-prod": environment(name="shop-prod", id="e-2")}
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
        "the first one; to deploy the file, drop it as shop/<environment>/a.war"
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
    with pytest.raises(Rejected, match=r"shop-eks is an environment of the Cluster tier .* takes no WAR, ZIP or JAR;"):
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
    with pytest.raises(Rejected, match="shop-staging runs Docker, which takes a ZIP and not a WAR"):
        check_platform(docker, inspected("shop-1.war"))

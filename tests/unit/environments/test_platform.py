"""The bundles that can run on the platform of an environment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.beanstalk.platforms import STACKS, platform
from tests.unit.samples import environment
from wardrop.environments.platform import refusal, refusal_by_docker, refusal_by_tier

AWS_OWN = "arn:aws:elasticbeanstalk:us-east-1::platform"
CUSTOM = "arn:aws:elasticbeanstalk:us-east-1:123456789012:platform"


def runs(name: str, owner: str = AWS_OWN):
    return environment(platform=f"{owner}/{name}")


def taken(name: str) -> list[str]:
    return [ending for ending in ("war", "jar", "zip") if refusal(runs(name), f"a/b/shop-1.{ending}") is None]


@pytest.mark.parametrize(
    ("name", "endings"),
    [
        ("Tomcat 11 with Corretto 21 running on 64bit Amazon Linux 2023/5.7.0", ["war", "zip"]),
        ("Tomcat 8.5 with Java 8 running on 64bit Amazon Linux/3.4.13", ["war", "zip"]),
        ("Tomcat/1", ["war", "zip"]),
        ("Corretto 21 running on 64bit Amazon Linux 2023/4.7.0", ["jar", "zip"]),
        ("Java 8 running on 64bit Amazon Linux/2.11.5", ["jar", "zip"]),
        ("Node.js 22 running on 64bit Amazon Linux 2023/6.6.0", ["zip"]),
        ("Python 3.13 running on 64bit Amazon Linux 2023/4.7.0", ["zip"]),
        ("PHP 8.4 running on 64bit Amazon Linux 2023/4.7.0", ["zip"]),
        (".NET 8 running on 64bit Amazon Linux 2023/3.5.0", ["zip"]),
        ("IIS 10.0 running on 64bit Windows Server 2022/2.19.0", ["zip"]),
        ("Docker running on 64bit Amazon Linux 2023/4.7.0", ["war", "jar", "zip"]),
        ("Rust 2 running on 64bit Amazon Linux 2030/1.0.0", ["war", "jar", "zip"]),
    ],
)
def test_a_platform_takes_what_it_can_run_and_an_unknown_platform_takes_all(name, endings):
    assert taken(name) == endings


@pytest.mark.parametrize("stack", STACKS)
def test_every_platform_takes_a_zip(stack):
    assert "zip" in taken(platform(stack))


def test_the_refusal_says_what_the_environment_runs_and_where_to_drop_the_file():
    tomcat = runs("Tomcat 11 with Corretto 21 running on 64bit Amazon Linux 2023/5.7.0")
    assert refusal(tomcat, "shop-1.JAR") == (
        "shop-staging runs Tomcat 11 with Corretto 21, which accepts a WAR or a ZIP but not a JAR; "
        "drop the JAR to an environment that runs Java SE (Corretto)"
    )


def test_the_platforms_of_other_partitions_are_known():
    china = environment(platform="arn:aws-cn:elasticbeanstalk:cn-north-1::platform/Tomcat 11 running on Linux/1.0")
    assert refusal(china, "shop-1.jar")


def test_a_custom_platform_is_never_a_reason():
    custom = runs("Tomcat 11 running on my Linux/1.0.0", CUSTOM)
    assert refusal(custom, "shop-1.jar") is None
    assert refusal_by_docker(runs("Docker/1.0.0", CUSTOM), "shop-1.jar", []) is None


def test_docker_takes_an_archive_of_any_ending_that_has_a_file_for_docker():
    docker = runs("Docker running on 64bit Amazon Linux 2023/4.7.0")
    assert refusal_by_docker(docker, "shop-1.jar", ["Dockerrun.aws.json"]) is None
    assert refusal_by_docker(docker, "shop-1.zip", []) is None
    assert "runs Docker, which accepts a ZIP but not a JAR" in str(refusal_by_docker(docker, "shop-1.jar", []))


@pytest.mark.parametrize("ending", ["war", "jar", "zip"])
def test_only_the_cluster_tier_takes_no_bundle_at_all(ending):
    cluster = environment(tier="Cluster", platform=f"{AWS_OWN}/Tomcat 11 running on EKS/1.0.0")
    assert refusal(cluster, f"shop-1.{ending}") == refusal_by_tier(cluster)
    assert refusal_by_tier(environment(tier="Worker")) is None


@given(st.text(), st.text())
def test_any_platform_and_any_file_are_judged(platform_arn, file):
    refusal(environment(platform=platform_arn), file)

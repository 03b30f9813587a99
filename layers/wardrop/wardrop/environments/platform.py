"""Decides whether an environment can run a source bundle, according to the environment's tier and platform.

Sources: AWS developer guide, "Create an Elastic Beanstalk application source bundle" and the chapters of the platforms;
API reference, EnvironmentTier.
"""

import re
from collections.abc import Collection

from wardrop.environments.model import CLUSTER_TIER, Environment

WAR, JAR, ZIP = ".war", ".jar", ".zip"

_TAKEN = {
    "Tomcat": (WAR, ZIP),
    "Corretto": (JAR, ZIP),
    "Java": (JAR, ZIP),
    "Node.js": (ZIP,),
    "Python": (ZIP,),
    "PHP": (ZIP,),
    "Ruby": (ZIP,),
    "Go": (ZIP,),
    ".NET": (ZIP,),
    "IIS": (ZIP,),
}
"""The file endings that a platform accepts, keyed by the first word of the platform's name.

Platforms that are not listed accept every ending.
"""

_WITH_DOCKERFILE = ("Docker", "ECS")
DOCKER_FILES = {"Dockerfile", "docker-compose.yml", "Dockerrun.aws.json"}
"""A bundle for Docker has one of these files at its root. The archive may have any ending."""

_ADVICE = {
    WAR: "drop the WAR to an environment that runs Tomcat",
    JAR: "drop the JAR to an environment that runs Java SE (Corretto)",
}


def refusal_by_tier(environment: Environment) -> str | None:
    """Returns the reason why the environment accepts no source bundles, or None if it accepts them."""
    if environment.tier != CLUSTER_TIER:
        return None
    return (
        f"{environment.name} is an environment of the Cluster tier (EKS), which runs container images and accepts no "
        "WAR, ZIP or JAR; deploy to an environment of the tier WebServer or Worker"
    )


def refusal(environment: Environment, file: str) -> str | None:
    """Returns the reason why the environment cannot run a bundle with this file name, or None if none is known."""
    if by_tier := refusal_by_tier(environment):
        return by_tier
    taken = _TAKEN.get(_family(environment))
    return _not_taken(environment, file, taken) if taken else None


def refusal_by_docker(environment: Environment, file: str, docker_files: Collection[str]) -> str | None:
    """Returns the reason why a Docker environment cannot run the bundle.

    Returns None if the bundle is a ZIP or has one of DOCKER_FILES, or if the environment does not need these files.
    """
    if _family(environment) not in _WITH_DOCKERFILE or docker_files:
        return None
    return _not_taken(environment, file, (ZIP,))


def _not_taken(environment: Environment, file: str, taken: Collection[str]) -> str | None:
    ending = file[-4:].lower()
    if ending in taken or ending not in _ADVICE:
        return None
    kinds = " or a ".join(kind[1:].upper() for kind in taken)
    return (
        f"{environment.name} runs {_software(environment)}, which accepts a {kinds} but not a {ending[1:].upper()}; "
        f"{_ADVICE[ending]}"
    )


def _software(environment: Environment) -> str:
    """Returns the platform's name, such as `Corretto 21 (Java SE)`. It is empty for a custom platform.

    The ARN of a custom platform contains an account. The ARN of one of AWS's own platforms does not:
    arn:aws:elasticbeanstalk:us-east-1::platform/Corretto 21 running on 64bit Amazon Linux 2023/4.7.0
    """
    aws_own = re.fullmatch(
        r"arn:[^:]+:elasticbeanstalk:[^:]*::platform/(.+?)(?: running on .*|/[^/]*)", environment.platform
    )
    name = aws_own[1] if aws_own else ""
    return f"{name} (Java SE)" if name.startswith(("Corretto", "Java ")) else name


def _family(environment: Environment) -> str:
    return _software(environment).partition(" ")[0]

"""The real Tomcats and load balancers of a stand-in: their addresses, processes and memory."""

from pathlib import Path

from tests.integration.shop import PATIENCE_SECONDS, Dropped, Shop
from wardrop.deployments.deployment import Deployment

HEALTHY = ("Ok", "Info")


def address(shop: Shop, environment: str) -> str:
    """The URL of an environment's load balancer."""
    return f"http://{shop.environment(environment)['EndpointURL']}/"


def tomcats(shop: Shop, environment: str) -> dict[str, int]:
    """The process ids of an environment's Tomcats by instance."""
    answer = shop.beanstalk.describe_instances_health(EnvironmentName=environment, AttributeNames=["All"])
    instances = [instance["InstanceId"] for instance in answer["InstanceHealthList"]]
    commands = {int(path.parent.name): path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")}
    servers = {pid: command for pid, command in commands.items() if b"org.apache.catalina.startup.Bootstrap" in command}
    return {each: pid for each in instances for pid, command in servers.items() if each.encode() in command}


def resident_mb(pid: int) -> float:
    """The memory of a process that is in RAM, in MB. Pages that several processes share count in part."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return int(fields["Pss"].split()[0]) / 1024


def await_healthy(shop: Shop, environment: str, seconds: float = PATIENCE_SECONDS) -> None:
    def is_healthy() -> bool:
        described = shop.environment(environment)
        return described["Status"] == "Ready" and described.get("HealthStatus") in HEALTHY

    shop.cloud.eventually(is_healthy, seconds)


def await_ended(shop: Shop, environment: str, dropped: Dropped, seconds: float) -> Deployment:
    """Waits until the only deployment of a drop has ended, and returns it."""
    deployment_id = shop.deployment_id(dropped)

    def find_ended() -> Deployment | None:
        deployment = shop.deployment(environment, deployment_id)
        return None if deployment is None or deployment.is_active else deployment

    deployment = shop.cloud.eventually(find_ended, seconds)
    assert deployment is not None
    return deployment

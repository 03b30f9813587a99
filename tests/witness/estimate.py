"""Estimates the resources, the duration and the cost of a run. No run on AWS has measured them."""

import math
from functools import cache
from typing import Any

import yaml

from tests.witness.scenario import FOLDER, Scenario, scenarios
from tests.witness.site import TAG, VERSIONS

HOURS_OF_A_MONTH = 730


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load((FOLDER / "costs.yaml").read_text())
    return table


def _usd(price: str) -> float:
    return float(_table()["prices"][price]["usd"])


def cost(scenario: Scenario) -> float:
    """In USD. Additional instances count for the whole time, and hours of load balancers are rounded up."""
    if not scenario.instances:
        return 0.0
    instances, hours = scenario.instances + scenario.extra, scenario.minutes / 60
    disk = _table()["volume_gb"] * _usd("volume") / HOURS_OF_A_MONTH
    balancer = math.ceil(hours) * (_usd("balancer") + _usd("capacity") + _table()["subnets"] * _usd("address"))
    return float(instances * hours * (_usd("instance") + _usd("address") + disk) + balancer)


def total_cost() -> float:
    return sum(map(cost, scenarios().values()))


def minutes() -> float:
    """The minutes of the whole run. Its scenarios run at the same time."""
    return float(_table()["before"] + max(each.minutes for each in scenarios().values()) + _table()["after"])


def vcpus() -> int:
    """The largest number of vCPUs that run at the same time."""
    return sum(each.instances + each.extra for each in scenarios().values()) * int(_table()["vcpus"])


def plan() -> str:
    own = sum(1 for each in scenarios().values() if each.instances)
    lines = [
        f"A run makes, with the tag {TAG}:",
        "  2 roles, 1 instance profile, 1 bucket, 1 queue, 1 rule of EventBridge",
        f"  1 application with {len(VERSIONS)} versions and those of the scenarios, and {own} environments,",
        "  each with a load balancer, in the default VPC:",
        f"  {'scenario':12} {'instances':>9} {'minutes':>8} {'USD':>6}",
    ]
    for name, each in scenarios().items():
        number = f"{each.instances}+{each.extra}" if each.extra else str(each.instances)
        lines.append(f"  {name:12} {number:>9} {each.minutes:8.1f} {cost(each):6.2f}  {each.title}")
    together = f"{minutes():.0f} minutes and {total_cost():.2f} USD at the prices of us-east-1"
    lines += [
        f"  together {together}; up to {vcpus()} vCPUs at the same time.",
        "These are estimates from public logs and price lists. No run on AWS has measured them.",
        "Everything is removed at the end. Only Beanstalk's own bucket stays, if the account had none.",
    ]
    return "\n".join(lines)

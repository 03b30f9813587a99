"""Operations on a whole environment that deploy nothing: restart, swap, tags, termination.

Events after the EB CLI's list of texts, the developer guide ("Blue/Green deployments") and public logs; the
times are made up, but for those that the guide names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .updates import Steps, Update

if TYPE_CHECKING:
    from .environments import Environment


@dataclass(kw_only=True)
class Restart(Update):
    noun = "Application restart"

    abortable: bool = False

    def steps(self) -> Steps:
        self.say("restart-starting")
        self.batch = self.environment.instances
        yield 7
        for _ in self.batch:
            self.say("instance-deployed")
        self.say("restarted")
        self.successful = True


@dataclass(kw_only=True)
class TagUpdate(Update):
    noun = "Configuration update"

    abortable: bool = False

    def steps(self) -> Steps:
        self.say("tags-starting")
        yield 20
        self.say("tags-updated")
        self.successful = True


@dataclass(kw_only=True)
class Swap(Update):
    """About five seconds; the other environment is at work as long."""

    noun = "Configuration update"

    other: Environment
    abortable: bool = False

    def steps(self) -> Steps:
        one, other = self.environment, self.other
        names = {"one": one.name, "other": other.name}
        self.say("swap-starting")
        other.status = "Updating"
        yield 1
        self.say("swapping", **names)
        one.cname, other.cname = other.cname, one.cname
        yield 4
        for each in (one, other):
            self.say("points-to", cname=each.cname, balancer=each.endpoint_url)
        other.status = "Ready"
        self.say("swapped", **names)
        self.successful = True


@dataclass(kw_only=True)
class Termination(Update):
    noun = "Configuration update"
    status = "Terminating"

    abortable: bool = False
    over: str = "Terminated"

    def steps(self) -> Steps:
        environment = self.environment
        self.say("termination-starting")
        yield 30
        environment.remove(environment.instances)
        group = f"awseb-{environment.id}-stack-AWSEBAutoScalingGroup-{environment.id[2:].upper()}"
        yield 60
        self.say("group-deleted", group=group)
        if not environment.single:
            self.say("balancer-deleted", balancer=environment.load_balancer_name)
        yield 120
        environment.backend.bury(environment)
        self.successful = True
        self.say("terminated")

"""The server of an instance, and what the load balancer reports about it."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from local.beanstalk.fleet import WINDOW_SECONDS, Outcome, Traffic
from local.beanstalk.instances import Instance
from local.clock import Clock

from .balancer import BACKEND, Server
from .server import Tomcat

LOOK_SECONDS = 0.1
"""The time between two observations of the load balancer's statistics."""

FEWEST_LOOKS = 10
"""The metrics are computed from at least this many observations.

At a high SPEED, the period that AWS uses would contain too few observations to measure the share of failed requests.
"""

CHECK = "check inter 200ms fastinter 200ms downinter 200ms rise 1 fall 3"

State = Literal["maint", "drain", "ready"]
"""haproxy's states. `ready`: the server gets requests. `drain`: the server gets no new requests.

`maint`: the server gets no requests, and is removed from haproxy.
"""


@dataclass(eq=False)
class Machine:
    instance: Instance
    tomcat: Tomcat
    clock: Clock
    state: State = "maint"
    new: bool = True
    """Whether the server must be added to haproxy."""
    pending: int = 0
    """The number of commands that have not ended."""
    outcome: Outcome = Outcome.FAILED
    failed_step: str = ""
    """The error of the last command, if Tomcat could not be started."""
    terminated: bool = False
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        looks = WINDOW_SECONDS / self.clock.speed / LOOK_SECONDS
        self._observed = deque[Server](maxlen=1 + max(FEWEST_LOOKS, round(looks)))

    @property
    def checked(self) -> bool:
        return bool(self._observed) and self._observed[-1].checked

    @property
    def directed(self) -> State:
        return "drain" if self.state == "ready" and not self.instance.in_service else self.state

    def commands(self) -> list[str]:
        """Returns the commands that set the server's state in haproxy.

        A new server counts as unhealthy until its first successful check.
        """
        name = f"{BACKEND}/{self.instance.id}"
        if self.state == "maint":
            return [f"set server {name} state maint", f"shutdown sessions server {name}", f"del server {name}"]
        added = [f"add server {name} 127.0.0.1:{self.tomcat.port} {CHECK}", f"enable health {name}"]
        added += [f"set server {name} state drain", f"set server {name} health down"]
        commands = f"set server {name} state {self.directed}", f"set server {name} weight {self.instance.weight}"
        return [*(added if self.new else ()), *commands]

    def observe(self, server: Server | None) -> None:
        """Records an observation. None: haproxy does not respond, or does not know the server."""
        if server is None:
            self.new = True
            self._observed.clear()
        else:
            self._observed.append(server)
        answers = server is not None and server.up and self.state != "maint"
        failing_since = self.instance.failing_since or self.clock.now()
        self.instance.answers, self.instance.failing_since = answers, None if answers else failing_since

    @property
    def traffic(self) -> Traffic:
        """The traffic between the oldest and the newest observation.

        haproxy reports only an average response time, so all percentiles are equal.
        """
        if not self._observed:
            return Traffic()
        first, last = self._observed[0], self._observed[-1]
        well, moved, refused, failed = (end - start for start, end in zip(first.statuses, last.statuses, strict=True))
        if well + moved + refused + failed <= 0:
            return Traffic()
        return Traffic((well, moved, refused, failed), dict.fromkeys(Traffic().latency, last.milliseconds / 1000))

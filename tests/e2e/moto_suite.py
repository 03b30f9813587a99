"""A pytest plugin for moto's own tests: the stand-in's Beanstalk and its corrections replace moto's parts."""

import asyncio
import threading

from local.aws import patches
from local.beanstalk import install
from local.clock import Clock
from local.faults import Faults

SPEED = 3000.0


class Nobody(patches.Listener):
    """Ignores all notifications."""


def pytest_configure() -> None:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    install(clock=Clock(SPEED), faults=Faults(), emit=lambda _: None, loop=loop)
    patches.install(Nobody())

"""`python -m local` runs the stand-in cloud in the foreground until it receives SIGINT or SIGTERM."""

import argparse
import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

from local.aws.template import expanded
from local.settings import ACCOUNT, ROOT, CannotStart, Settings
from local.tomcat.processes import checked_fleet

WARDROP = ROOT / "template.yaml"
BUILT = ROOT / ".aws-sam/build/template.yaml"

T = TypeVar("T", int, float)


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise CannotStart(message)


def settings_from(arguments: list[str]) -> Settings:
    parser = Parser("python -m local", description=__doc__)
    parser.add_argument("--port", default="4566")
    parser.add_argument(
        "--speed", default="60", help="the factor by which Beanstalk and schedules are faster than in AWS"
    )
    parser.add_argument("--fleet", default="simulated")
    parser.add_argument("--built", action="store_true", help="run the functions that `make build` built")
    parser.add_argument("--verbose", action="store_true", help="show the functions' logs")
    parser.add_argument("--template", type=Path, default=WARDROP)
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args(arguments)
    port, speed = number(int, "PORT", given.port, 1024, 65534), number(float, "SPEED", given.speed, 0.1, 10_000)
    if given.built and not BUILT.exists():
        raise CannotStart("BUILT=1 needs the built functions; run make build")
    if given.built and sys.version_info[:2] != (3, 13):
        raise CannotStart("BUILT=1 needs Python 3.13, because the layers are built for it")
    if any("=" not in pair for pair in given.parameter):
        raise CannotStart("--parameter takes NAME=VALUE")
    parameters = dict(pair.split("=", 1) for pair in given.parameter)
    template = BUILT if given.built else given.template.resolve()
    return Settings(port, speed, given.built, given.verbose, template, checked_fleet(given.fleet), parameters)


def number(kind: Callable[[str], T], name: str, text: str, lowest: float, highest: float) -> T:
    try:
        if lowest <= kind(text) <= highest:
            return kind(text)
    except ValueError:
        pass
    raise CannotStart(f"{name}={text} is not {'a whole' if kind is int else 'a'} number from {lowest} to {highest}")


def listening(port: int) -> socket.socket:
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind(("127.0.0.1", port))
    except OSError as error:
        raise CannotStart(f"port {port} cannot be used: {os.strerror(error.errno or 0)}") from error
    held.listen(128)
    return held


async def run(settings: Settings) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    sockets = [listening(settings.port), listening(settings.port + 1)]
    # A thread expands the template while the imports below block the event loop.
    expansion = asyncio.get_running_loop().run_in_executor(
        None, expanded, settings.template, {**settings.offered, **settings.parameters}
    )
    os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT  # otherwise, moto searches five partitions for the key at each call
    sys.dont_write_bytecode = False  # otherwise, Python compiles all of moto again at each start
    gc.disable()  # imported modules are never freed, so the garbage collector would examine them in vain
    from local.standin import StandIn

    standin = StandIn(settings, sockets, asyncio.get_running_loop())
    try:
        await standin.start(expansion)
        gc.freeze()
        gc.enable()
        if not stopped.is_set():
            print(f"ready {settings.endpoint}", flush=True)
        await stopped.wait()
    finally:
        await standin.stop()


def main() -> int:
    try:
        asyncio.run(run(settings_from(sys.argv[1:])))
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    ended = main()
    sys.stderr.flush()
    os._exit(ended)  # skips moto's clean-up, which takes a second

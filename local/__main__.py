"""`python -m local`: the stand-in cloud in the foreground, until SIGINT or SIGTERM."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from local.settings import ROOT, CannotStart, Settings


def settings_from(arguments: list[str]) -> Settings:
    parser = argparse.ArgumentParser("python -m local", description=__doc__)
    parser.add_argument("--port", default="4566")
    parser.add_argument("--speed", default="60", help="how many times faster Beanstalk and schedules are")
    parser.add_argument("--fleet", default="simulated")
    parser.add_argument("--built", action="store_true", help="run what `make build` built")
    parser.add_argument("--verbose", action="store_true", help="show the functions' logs")
    parser.add_argument("--template", type=Path, default=ROOT / "template.yaml")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args(arguments)
    if not given.port.isdigit() or not 1024 <= int(given.port) <= 65534:
        raise CannotStart(f"PORT={given.port} is not a whole number from 1024 to 65534")
    try:
        speed = float(given.speed)
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= 10_000:
        raise CannotStart(f"SPEED={given.speed} is not a number from 0.1 to 10000")
    if given.fleet != "simulated":
        raise CannotStart(f"FLEET={given.fleet} is not available yet; there is FLEET=simulated")
    template = given.template.resolve()
    if given.built:
        template = ROOT / ".aws-sam/build/template.yaml"
        if not template.exists():
            raise CannotStart("BUILT=1 needs what is built: make build")
    parameters = dict(pair.split("=", 1) for pair in given.parameter)
    return Settings(int(given.port), speed, given.built, given.verbose, template, parameters)


async def run(settings: Settings) -> None:
    # moto reads its settings when it is imported
    os.environ |= {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "AWS_DEFAULT_REGION": "us-east-1"}
    from local.standin import StandIn

    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    standin = StandIn(settings)
    try:
        await standin.start()
        print(f"ready {settings.endpoint}", flush=True)
        await stopped.wait()
    finally:
        await standin.stop()


def main() -> None:
    try:
        asyncio.run(run(settings_from(sys.argv[1:])))
    except CannotStart as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

"""`python -m local.demo [WAR]` runs the demo with the example application, or with your own WAR."""

import os
import sys
import time
from pathlib import Path

from rich.console import Console

from local.cloud import Cloud
from local.demo import wars
from local.demo.story import NotInTime, Story, Unexpected
from local.demo.terminal import Terminal
from local.settings import FLEETS, CannotStart
from local.tomcat.processes import checked_fleet

SPEED = 150
STILL_RUNNING = 7


def main(arguments: list[str]) -> int:
    try:
        war, fleet = _war(arguments), checked_fleet(os.environ.get("FLEET") or FLEETS[0])
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"WAR={error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    console = Console(highlight=False, soft_wrap=True)
    console.print("Starting the stand-in for AWS on this machine ...", style="dim")
    began = time.monotonic()
    with Cloud(speed=SPEED, fleet=fleet) as cloud:
        console.print(f"AWS's API is at {cloud.endpoint}. Beanstalk runs {SPEED} times faster here.", style="dim")
        console.print(f"While the demo runs, {cloud.slack} shows the Slack channel.", style="dim")
        if fleet == "tomcat":
            _show_websites(cloud, console)
        cloud.disable("HourlyCleanUp")  # Otherwise, the scheduled clean-up would delete the old versions before step 5.
        try:
            Story(Terminal(console, cloud), cloud).tell(war)
        except Unexpected as unexpected:
            return unexpected.exit_code
        except NotInTime as late:
            print(late, file=sys.stderr)
            return STILL_RUNNING
    took = f"The demo took {time.monotonic() - began:.0f} s."
    console.print(f"\n{took} `make local` starts a stand-in that keeps running; README.md shows what to type.")
    return 0


def _show_websites(cloud: Cloud, console: Console) -> None:
    for environment in cloud.client("elasticbeanstalk").describe_environments()["Environments"]:
        name, address = environment["EnvironmentName"], f"http://{environment['EndpointURL']}/"
        console.print(f"{address} is the website of {name}. Reload it while versions roll.", style="dim")


def _war(arguments: list[str]) -> Path:
    """Writes the example applications. Returns the WAR to deploy, and raises OSError if it cannot be read."""
    for variant in (wars.GOOD, wars.BROKEN, wars.REPLACING):
        wars.write(variant)
    if not arguments:
        return wars.GOOD.path
    with open(arguments[0], "rb"):
        return Path(arguments[0]).resolve()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

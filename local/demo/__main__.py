"""`python -m local.demo [WAR]` runs the demo with the example application, or with your own WAR."""

import sys
import time
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from local.cloud import Cloud
from local.demo.log import Log
from local.demo.screen import SMALLEST, Screen
from local.demo.story import Narrator, Story
from local.demo.user import Bundle, User, example_war
from local.demo.view import Watcher

SPEED = 100


def main(arguments: list[str]) -> int:
    try:
        bundle = _bundle(arguments)
    except OSError as error:
        print(f"WAR={error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    console = Console(highlight=False, soft_wrap=True)
    console.print("Starting the stand-in for AWS on this machine ...", style="dim")
    began = time.monotonic()
    with Cloud(speed=SPEED) as cloud:
        console.print(f"AWS's API is at {cloud.endpoint}. Beanstalk runs {SPEED} times faster here.", style="dim")
        console.print(f"While the demo runs, {cloud.slack} shows the Slack channel.", style="dim")
        _disable(cloud, "HourlyCleanUp")
        with ExitStack() as stack:
            narrator: Narrator = Log(console, bundle.name)
            if console.is_terminal and not console.is_dumb_terminal and tuple(console.size) >= SMALLEST:
                narrator = stack.enter_context(Screen(Console(highlight=False), bundle.name, "Wardrop on this machine"))
            code = Story(User(cloud), Watcher(cloud), narrator).run(bundle)
    if code == 0:
        took = f"The demo took {time.monotonic() - began:.0f} s."
        console.print(f"\n{took} `make local` starts a stand-in that keeps running; see docs/stand-in.md.")
    return code


def _disable(cloud: Cloud, schedule: str) -> None:
    """Disables a schedule. At the demo's speed, the hourly clean-up would delete the versions before step 4."""
    scheduler, name = cloud.client("scheduler"), cloud.resources[schedule]["ref"]
    current = scheduler.get_schedule(Name=name)
    kept = {key: current[key] for key in ("ScheduleExpression", "FlexibleTimeWindow", "Target")}
    scheduler.update_schedule(Name=name, State="DISABLED", **kept)


def _bundle(arguments: list[str]) -> Bundle:
    if not arguments:
        return example_war("shop-1.war", answers=True)
    path = Path(arguments[0])
    return Bundle(path.name, path.read_bytes())


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

"""Durations that users enter, such as `90s`, `45m` or `2h`."""

import re

from wardrop_cli.failures import usage

SECONDS = {"s": 1, "m": 60, "h": 3600}
LONGEST_WAIT = "60m"


def seconds_of(text: str, option: str) -> int:
    """Raises Failure. A number without a unit is a number of seconds."""
    given = re.fullmatch(r"([0-9]{1,6})([smh]?)", text.strip())
    if given is None or int(given[1]) == 0:
        raise usage(f"{option} {text!r} is not a duration", "Examples: 90s, 45m, 2h.")
    return int(given[1]) * SECONDS[given[2] or "s"]


def longest_wait(timeout: str | None, *, wait: bool) -> int:
    """The seconds after which --wait ends. Raises Failure for --timeout without --wait."""
    if timeout is not None and not wait:
        raise usage("--timeout needs --wait", "Without --wait, the command ends at once.")
    return seconds_of(timeout or LONGEST_WAIT, "--timeout")

"""Starts slowly, and answers with the remaining milliseconds, or sleeps for the seconds in the event."""

import time
from typing import Any

time.sleep(1.5)


def handler(event: dict[str, Any], context: Any) -> int:
    time.sleep(event.get("seconds", 0))
    return int(context.get_remaining_time_in_millis())

"""Measures how alerts are sent while Beanstalk sends very many events.

Checks the number of the alerts, and the rate of the messages to Slack.

The events are sent twice. The second time, Slack is down for SLACK_DOWN_SECONDS, and some events are lost, duplicated
or reordered. With `SLACK_DOWN_SECONDS=600 python -m bench alerts`, Slack is down for ten minutes.
"""

import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bench import notifications, scale
from bench.figure import Figure
from bench.notifications import EventInvocations, Notifications
from local.aws.event_bus import envelope
from local.cloud import Cloud

SPEED = 10
"""At this speed, the schedule runs every six seconds."""

ENVIRONMENTS, EVENTS, SECONDS, SENDERS, SEED = 200, 10_000, 58, 4, 42
"""The events are sent evenly over 58 s, so that the last event is also accepted within a minute."""

UNSTABLE, SEVERE, FAILED_UPDATES = 16, 8, 10
"""The number of environments with changing health, the number that is always Severe, and that of failed updates."""

SLACK_DOWN_SECONDS = int(os.environ.get("SLACK_DOWN_SECONDS", "75"))
DRAIN_SECONDS, SETTLE_SECONDS, SEND_SECONDS = 120, 60, 900
FAULTY = [{"fault": f"events-{fault}", "rate": 0.1, "seed": SEED} for fault in ("doubled", "reordered", "lost")]

HEALTH_CHANGE = ("Health status change", "Environment health changed")
RESOURCE, UPDATE = "Other resource status change", "Elastic Beanstalk resource status change"
ORDINARY = [
    (RESOURCE, "Instance added", "Added instance [i-0123456789abcdef0] to your environment."),
    (RESOURCE, "Instance removed", "Removed instance [i-0123456789abcdef0] from your environment."),
    (UPDATE, "Environment update started", "Environment update is starting."),
    (UPDATE, "Environment update successful", "Environment update completed successfully."),
]
FAILED_UPDATE = (
    "Managed update status change",
    "Managed update failed",
    "Managed update failed, retrying in 60 minutes.",
)
GOOD_HEALTH, ANY_HEALTH = ("Ok", "Info"), ("Ok", "Info", "Warning", "Degraded", "Severe")

EventFields = tuple[str, str, str, str]
"""An event's environment, detail type, status and message."""


@dataclass
class QueueTimes:
    """The time that events spend in their queue, in seconds."""

    sending: float
    draining: float
    """The seconds from the last event until the queue is empty."""

    oldest_age: float
    """The longest time that an event was in the queue, if events are processed in the order of their arrival."""


def figures() -> Iterator[Figure]:
    with Cloud(speed=SPEED) as cloud:
        names = [f"storm-{number:03}" for number in range(ENVIRONMENTS)]
        scale.create(cloud.client("elasticbeanstalk"), names)
        cloud.eventually(lambda: not notifications.queued_messages(cloud, "BeanstalkEvents"), DRAIN_SECONDS)
        yield from _storm(cloud, names, names[:UNSTABLE])
        yield from _faulty_storm(cloud, names, names[-UNSTABLE:])


def _storm(cloud: Cloud, names: list[str], unstable: list[str]) -> Iterator[Figure]:
    start, before = notifications.current_time(), EventInvocations.so_far(cloud)
    _set_faults(cloud, _severe(unstable))
    times = _send(cloud, _events(names, unstable))
    after = EventInvocations.so_far(cloud)
    invocations, described = after.count - before.count, after.describe_calls - before.describe_calls
    wrong = _settle(cloud, names, unstable)
    seconds = _seconds_until_sent(cloud)
    sent = Notifications.since(cloud, start)
    name = f"{EVENTS:,} events of {ENVIRONMENTS} environments: accepted within"
    yield Figure(name, times.sending, 60, "s", note=f"{EVENTS / times.sending:.0f} a second")
    yield Figure("  from the last event until the queue is empty", times.draining, 30, "s")
    yield Figure("  highest age of a queued event", times.oldest_age, 60, "s")
    note = f"{described} in {invocations} invocations of WatchEnvironments by events"
    yield Figure("  DescribeEnvironments calls per invocation", described / invocations, 1, "", note=note)
    lost = len(set(unstable) - set(sent.opened_incidents)) + FAILED_UPDATES - sent.kinds["managed_update_failed"]
    yield Figure("  failed updates and incidents without an alert", lost, 0, "", note=str(sent))
    yield from _final_state(cloud, wrong, sent, seconds)


def _faulty_storm(cloud: Cloud, names: list[str], unstable: list[str]) -> Iterator[Figure]:
    """Measures the same events with faults.

    Other environments are used, because those of the first measurement count as flapping for some time.
    """
    start = notifications.current_time()
    _set_faults(cloud, [{"fault": "slack-down"}, *FAULTY, *_severe(unstable)])
    until = time.monotonic() + SLACK_DOWN_SECONDS
    times = _send(cloud, _events(names, unstable))
    time.sleep(max(0.0, until - time.monotonic()))
    _set_faults(cloud, _severe(unstable))
    wrong = _settle(cloud, names, unstable)
    seconds = _seconds_until_sent(cloud)
    name = (
        "the same events, with 10 % duplicated, 10 % reordered, 10 % lost, "
        f"and Slack down for {SLACK_DOWN_SECONDS} s: accepted within"
    )
    yield Figure(name, times.sending, 60, "s", note=f"{EVENTS / times.sending:.0f} a second")
    yield from _final_state(cloud, wrong, Notifications.since(cloud, start), seconds)


def _final_state(cloud: Cloud, wrong: set[str], sent: Notifications, seconds: float) -> Iterator[Figure]:
    yield Figure("  environments with a false or a missing incident", len(wrong), 0, "")
    repeated = sum(count - 1 for count in sent.opened_incidents.values())
    yield Figure("  incidents opened twice", repeated, 0, "", note=f"{len(sent.opened_incidents)} incidents")
    extra = sent.first_messages - sent.subjects
    subjects = f"{sent.subjects} incidents and other alerts"
    note = f"{len(sent.messages)} messages, including replies, for {subjects}, within {seconds:.0f} s"
    yield Figure("  superfluous Slack messages", extra, 0, "", note=note)
    window = notifications.RATE_WINDOW
    yield Figure(f"  highest rate over {window} Slack messages, per second", sent.messages_per_second, 1, "")
    yield Figure("  unsent alerts", notifications.unsent_alerts(cloud), 0, "")
    yield Figure("  dead letters", notifications.dead_letters(cloud), 0, "")


def _events(names: list[str], unstable: list[str]) -> list[EventFields]:
    dice = random.Random(SEED)  # noqa: S311 - chance, not a secret
    health = dict.fromkeys(names, "Ok")
    failed = set(dice.sample(range(EVENTS), FAILED_UPDATES))
    events: list[EventFields] = []
    for number in range(EVENTS):
        name = dice.choice(names)
        if number in failed:
            events.append((name, *FAILED_UPDATE))
        elif dice.random() < 0.3:
            events.append((name, *dice.choice(ORDINARY)))
        else:
            statuses = ANY_HEALTH if name in unstable else GOOD_HEALTH
            status = dice.choice([status for status in statuses if status != health[name]])
            message = f"Environment health has transitioned from {health[name]} to {status}."
            events.append((name, *HEALTH_CHANGE, message))
            health[name] = status
    return events


def _severe(unstable: list[str]) -> list[dict[str, Any]]:
    return [{"fault": "health", "environment": name, "status": "Severe"} for name in unstable[:SEVERE]]


def _set_faults(cloud: Cloud, faults: list[dict[str, Any]]) -> None:
    """Replaces all faults of the stand-in."""
    cloud.control("DELETE", "/faults")
    for fault in faults:
        cloud.control("POST", "/faults", fault)


def _send(cloud: Cloud, events: list[EventFields]) -> QueueTimes:
    """Sends the events, and waits until their queue is empty."""
    started, oldest_age = time.monotonic(), 0.0
    with ThreadPoolExecutor(SENDERS) as pool:
        due_times = (started + number * SECONDS / EVENTS for number in range(EVENTS))
        posts = [pool.submit(_post, cloud, event, due) for event, due in zip(events, due_times, strict=True)]
        while True:
            sent_at = sorted(post.result() for post in posts if post.done())
            queued = notifications.queued_messages(cloud, "BeanstalkEvents")
            if queued and sent_at:
                oldest_age = max(oldest_age, time.monotonic() - sent_at[max(0, len(sent_at) - queued)])
            if len(sent_at) == EVENTS and not queued:
                return QueueTimes(sent_at[-1] - started, time.monotonic() - sent_at[-1], oldest_age)
            if time.monotonic() > started + SECONDS + DRAIN_SECONDS:
                raise TimeoutError(f"{queued} events still wait")
            time.sleep(0.5)


def _post(cloud: Cloud, event: EventFields, due: float) -> float:
    """Sends the event, and returns the time, on the monotonic clock, at which the stand-in accepted it."""
    name, detail_type, status, message = event
    time.sleep(max(0.0, due - time.monotonic()))
    detail = {
        "Status": status,
        "EventDate": round(datetime.now(UTC).timestamp() * 1000),
        "ApplicationName": "shop",
        "Message": message,
        "EnvironmentName": name,
        "Severity": "INFO",
    }
    cloud.control("POST", "/events", envelope("aws.elasticbeanstalk", detail_type, detail, []))
    return time.monotonic()


def _settle(cloud: Cloud, names: list[str], unstable: list[str]) -> set[str]:
    """Waits until the scheduled runs have corrected all incidents.

    Returns the environments that still have an incident but are not Severe, and those that are Severe but have no
    incident.
    """
    until, severe = time.monotonic() + SETTLE_SECONDS, set(unstable[:SEVERE])
    while wrong := notifications.environments_in_bad_health(cloud, names) ^ severe:
        if time.monotonic() >= until:
            break
        time.sleep(1)
    return wrong


def _seconds_until_sent(cloud: Cloud) -> float:
    started = time.monotonic()
    cloud.eventually(
        lambda: not notifications.unsent_alerts(cloud) and not notifications.queued_messages(cloud, "SlackPosts"),
        SEND_SECONDS,
    )
    return time.monotonic() - started

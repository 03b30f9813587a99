"""Alerts in a storm of Beanstalk's events: none lost, none told twice, at Slack's pace, also while Slack is down.

`SLACK_DOWN_SECONDS=600 python -m bench alerts` has Slack down for ten minutes.
"""

import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bench import scale, told
from bench.figure import Figure
from bench.told import Told
from local.aws.event_bus import envelope
from local.cloud import Cloud

SPEED = 10
"""A tick every six seconds."""

ENVIRONMENTS, EVENTS, SECONDS, SENDERS, SEED = 200, 10_000, 58, 4, 42
"""They are sent evenly within 58 s, so that even the last has been taken within a minute."""

TROUBLED, SEVERE, FAILED_UPDATES = 16, 8, 10
"""Environments whose health comes and goes, those of them that Beanstalk shows as Severe all the time, and events."""

SLACK_DOWN_SECONDS = int(os.environ.get("SLACK_DOWN_SECONDS", "75"))
DRAIN_SECONDS, SETTLE_SECONDS, TELL_SECONDS = 120, 60, 900
FAULTY = [{"fault": f"events-{how}", "rate": 0.1, "seed": SEED} for how in ("doubled", "reordered", "lost")]

HEALTH = ("Health status change", "Environment health changed")
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
WELL, ANY = ("Ok", "Info"), ("Ok", "Info", "Warning", "Degraded", "Severe")

Telling = tuple[str, str, str, str]
"""An event's environment, detail type, status and message."""


@dataclass
class Taken:
    """How a storm's events went through their queue; all in seconds."""

    sending: float
    draining: float
    oldest: float
    """The highest age of an event that waited or was being handled, if they are handled in the order they came."""


def figures() -> Iterator[Figure]:
    with Cloud(speed=SPEED) as cloud:
        names = [f"storm-{number:03}" for number in range(ENVIRONMENTS)]
        scale.create(cloud.client("elasticbeanstalk"), names)
        cloud.eventually(lambda: not told.queued(cloud, "BeanstalkEvents"), DRAIN_SECONDS)
        yield from _storm(cloud, names, names[:TROUBLED])
        yield from _faulty_storm(cloud, names, names[-TROUBLED:])


def _storm(cloud: Cloud, names: list[str], troubled: list[str]) -> Iterator[Figure]:
    began, looks = told.now(), told.looks(cloud)
    _strike(cloud, _severe(troubled))
    events = _events(names, troubled)
    taken = _send(cloud, events)
    invocations, described = (now - then for now, then in zip(told.looks(cloud), looks, strict=True))
    wrong = _settle(cloud, names, troubled)
    seconds = _until_told(cloud)
    known = Told.since(cloud, began)
    what = f"{EVENTS:,} events over {ENVIRONMENTS} environments: taken in"
    yield Figure(what, taken.sending, 60, "s", note=f"{EVENTS / taken.sending:.0f} a second")
    yield Figure("  until their queue is empty, after the last", taken.draining, 30, "s")
    yield Figure("  oldest age of an event when it is handled", taken.oldest, 60, "s")
    note = f"{described} in {invocations} invocations of WatchEnvironments by events"
    yield Figure("  DescribeEnvironments an invocation", described / invocations, 1, "", note=note)
    lost = len(set(troubled) - set(known.opened)) + FAILED_UPDATES - known.kinds["managed_update_failed"]
    yield Figure("  failed updates and ill environments not told", lost, 0, "", note=str(known))
    yield from _in_the_end(cloud, wrong, known, seconds)


def _faulty_storm(cloud: Cloud, names: list[str], troubled: list[str]) -> Iterator[Figure]:
    """The same events, of other environments: those of the first storm count as flapping for a while."""
    began = told.now()
    _strike(cloud, [{"fault": "slack-down"}, *FAULTY, *_severe(troubled)])
    until = time.monotonic() + SLACK_DOWN_SECONDS
    taken = _send(cloud, _events(names, troubled))
    time.sleep(max(0.0, until - time.monotonic()))
    _strike(cloud, _severe(troubled))
    wrong = _settle(cloud, names, troubled)
    seconds = _until_told(cloud)
    what = f"the same, a tenth doubled, reordered, lost, Slack down for {SLACK_DOWN_SECONDS} s: taken in"
    yield Figure(what, taken.sending, 60, "s", note=f"{EVENTS / taken.sending:.0f} a second")
    yield from _in_the_end(cloud, wrong, Told.since(cloud, began), seconds)


def _in_the_end(cloud: Cloud, wrong: set[str], known: Told, seconds: float) -> Iterator[Figure]:
    yield Figure("  environments with an incident that is not so, or none", len(wrong), 0, "")
    twice = sum(count - 1 for count in known.opened.values())
    yield Figure("  incidents opened twice", twice, 0, "", note=f"{len(known.opened)} incidents")
    beyond = f"{len(known.messages)} with replies, on {known.subjects} incidents and events, within {seconds:.0f} s"
    yield Figure("  Slack's messages beyond one an incident or event", known.begun - known.subjects, 0, "", note=beyond)
    yield Figure("  Slack's messages a second, most over 10 of them", known.a_second, 1, "")
    yield Figure("  alerts unsent", told.unsent(cloud), 0, "")
    yield Figure("  dead letters", told.dead(cloud), 0, "")


def _events(names: list[str], troubled: list[str]) -> list[Telling]:
    dice = random.Random(SEED)  # noqa: S311 - chance, not a secret
    health = dict.fromkeys(names, "Ok")
    failed = set(dice.sample(range(EVENTS), FAILED_UPDATES))
    events: list[Telling] = []
    for number in range(EVENTS):
        name = dice.choice(names)
        if number in failed:
            events.append((name, *FAILED_UPDATE))
        elif dice.random() < 0.3:
            events.append((name, *dice.choice(ORDINARY)))
        else:
            now = dice.choice([one for one in (ANY if name in troubled else WELL) if one != health[name]])
            events.append((name, *HEALTH, f"Environment health has transitioned from {health[name]} to {now}."))
            health[name] = now
    return events


def _severe(troubled: list[str]) -> list[dict[str, Any]]:
    return [{"fault": "health", "environment": name, "status": "Severe"} for name in troubled[:SEVERE]]


def _strike(cloud: Cloud, faults: list[dict[str, Any]]) -> None:
    """These and no others."""
    cloud.door("DELETE", "/faults")
    for fault in faults:
        cloud.door("POST", "/faults", fault)


def _send(cloud: Cloud, events: list[Telling]) -> Taken:
    began, oldest = time.monotonic(), 0.0
    with ThreadPoolExecutor(SENDERS) as pool:
        due = (began + number * SECONDS / EVENTS for number in range(EVENTS))
        sent = [pool.submit(_post, cloud, event, at) for event, at in zip(events, due, strict=True)]
        while True:
            times = sorted(one.result() for one in sent if one.done())
            waiting = told.queued(cloud, "BeanstalkEvents")
            if waiting and times:
                oldest = max(oldest, time.monotonic() - times[max(0, len(times) - waiting)])
            if len(times) == EVENTS and not waiting:
                return Taken(times[-1] - began, time.monotonic() - times[-1], oldest)
            if time.monotonic() > began + SECONDS + DRAIN_SECONDS:
                raise TimeoutError(f"{waiting} events still wait")
            time.sleep(0.5)


def _post(cloud: Cloud, event: Telling, due: float) -> float:
    name, kind, status, message = event
    time.sleep(max(0.0, due - time.monotonic()))
    detail = {
        "Status": status,
        "EventDate": round(datetime.now(UTC).timestamp() * 1000),
        "ApplicationName": "shop",
        "Message": message,
        "EnvironmentName": name,
        "Severity": "INFO",
    }
    cloud.door("POST", "/events", envelope("aws.elasticbeanstalk", kind, detail, []))
    return time.monotonic()


def _settle(cloud: Cloud, names: list[str], troubled: list[str]) -> set[str]:
    """Where, when the ticks have seen how all are, there is an open incident and should be none, or the reverse."""
    until = time.monotonic() + SETTLE_SECONDS
    while (wrong := told.ill(cloud, names) ^ set(troubled[:SEVERE])) and time.monotonic() < until:
        time.sleep(1)
    return wrong


def _until_told(cloud: Cloud) -> float:
    began = time.monotonic()
    cloud.eventually(lambda: not told.unsent(cloud) and not told.queued(cloud, "SlackPosts"), TELL_SECONDS)
    return time.monotonic() - began

"""Slack's secret missing, malformed, revoked: one line and one metric for each try, and SNS is told all the same."""

import functools
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from bench import told
from bench.figure import Figure, of_runs
from local.aws.event_bus import envelope
from local.cloud import Cloud
from local.settings import SLACK_SECRET
from local.slack.workspace import REVOKED_TOKEN

METRIC = "SlackCredentialsRefused"
PATIENCE_SECONDS, TRIES = 60, 2
SAID = {
    "missing": "the secret cannot be read: it is scheduled for deletion",
    "malformed": "the secret is not {",
    "revoked": "Slack refused the bot token (token_revoked)",
}
"""What the log says of each."""


def figures() -> Iterator[Figure]:
    with Cloud(speed=60) as cloud:
        good = cloud.client("secretsmanager").get_secret_value(SecretId=SLACK_SECRET)["SecretString"]
        bad = {
            "missing": None,
            "malformed": '{"bot_token": ',
            "revoked": json.dumps(json.loads(good) | {"bot_token": REVOKED_TOKEN}),
        }
        seconds = []
        for how, text in bad.items():
            _spoil(cloud, text)
            before, messages = len(told.logged(cloud, "PostToSlack")), _messages(cloud)
            seconds.append(_until_published(cloud))
            tries = _tries(cloud, before, SAID[how])
            _mend(cloud, text, good)
            cloud.eventually(functools.partial(_has_more, cloud, messages), PATIENCE_SECONDS)
            lines = [sum(line.startswith('{"level"') for line in one) for one in tries]
            yield of_runs(f"Slack's secret {how}: lines of log a try", lines, 1, "", note=f"{SAID[how]} …")
            unmeasured = sum(not any(METRIC in line for line in one) for one in tries)
            yield Figure(f"  tries without the metric {METRIC}", unmeasured, 0, "", runs=TRIES)
        yield of_runs("  until SNS has the alert", seconds, 5, "s")


def _spoil(cloud: Cloud, text: str | None) -> None:
    secrets = cloud.client("secretsmanager")
    # Whoever has read the good one has to be refused by Slack before it reads again.
    cloud.door("POST", "/faults", {"fault": "slack-revoked"})
    if text is None:
        secrets.delete_secret(SecretId=SLACK_SECRET, RecoveryWindowInDays=7)
    else:
        secrets.put_secret_value(SecretId=SLACK_SECRET, SecretString=text)


def _mend(cloud: Cloud, text: str | None, good: str) -> None:
    secrets = cloud.client("secretsmanager")
    cloud.door("DELETE", "/faults")
    if text is None:
        secrets.restore_secret(SecretId=SLACK_SECRET)
    else:
        secrets.put_secret_value(SecretId=SLACK_SECRET, SecretString=good)


def _until_published(cloud: Cloud) -> float:
    """From an event that matters on."""

    def published() -> int:
        return sum(one["action"] == "Publish" for one in cloud.door("GET", "/calls"))

    before, began = published(), time.monotonic()
    detail = {
        "Status": "Managed update failed",
        "EventDate": round(datetime.now(UTC).timestamp() * 1000),
        "ApplicationName": "shop",
        "Message": "Managed update failed, retrying in 60 minutes.",
        "EnvironmentName": "shop-staging",
        "Severity": "INFO",
    }
    cloud.door("POST", "/events", envelope("aws.elasticbeanstalk", "Managed update status change", detail, []))
    cloud.eventually(lambda: published() > before, PATIENCE_SECONDS)
    return time.monotonic() - began


def _tries(cloud: Cloud, before: int, said: str) -> list[list[str]]:
    """What each of the first invocations logs that say so, its START, END and REPORT left out."""

    def look() -> list[list[str]]:
        tries = [one for one in _ended(told.logged(cloud, "PostToSlack")[before:]) if said in "".join(one)]
        return tries[:TRIES] if len(tries) >= TRIES else []

    return cloud.eventually(look, PATIENCE_SECONDS)


def _ended(lines: list[str]) -> Iterator[list[str]]:
    """Invocations come one after the other, for there is one channel."""
    own: list[str] = []
    for line in lines:
        match line.split()[0]:
            case "START":
                own = []
            case "REPORT":
                yield own
            case "END":
                pass
            case _:
                own.append(line)


def _has_more(cloud: Cloud, messages: int) -> bool:
    return _messages(cloud) > messages


def _messages(cloud: Cloud) -> int:
    return len(cloud.door("GET", "/slack/messages"))

"""Measures alerts while the Slack secret is missing, malformed or revoked: log, metric, and the alert in SNS."""

import functools
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from bench.figure import Figure, of_runs
from bench.notifications import logged
from local.aws.event_bus import envelope
from local.cloud import Cloud
from local.settings import SLACK_SECRET
from local.slack.workspace import REVOKED_TOKEN

METRIC = "SlackCredentialsRefused"
PATIENCE_SECONDS, ATTEMPTS = 60, 2
LOG_MESSAGES = {
    "missing": "it is scheduled for deletion",
    "malformed": "the Slack secret must be {",
    "revoked": "Slack refused the bot token (token_revoked)",
}
"""A part of the message that is logged in each case."""


def figures() -> Iterator[Figure]:
    with Cloud(speed=60) as cloud:
        good = cloud.client("secretsmanager").get_secret_value(SecretId=SLACK_SECRET)["SecretString"]
        bad_secrets = {
            "missing": None,
            "malformed": '{"bot_token": ',
            "revoked": json.dumps(json.loads(good) | {"bot_token": REVOKED_TOKEN}),
        }
        seconds = []
        for case, secret in bad_secrets.items():
            _replace_secret(cloud, secret)
            lines_before, messages_before = len(logged(cloud, "PostToSlack")), _message_count(cloud)
            seconds.append(_seconds_until_published(cloud))
            attempts = _attempts(cloud, lines_before, LOG_MESSAGES[case])
            _restore_secret(cloud, secret, good)
            cloud.eventually(functools.partial(_has_more_messages, cloud, messages_before), PATIENCE_SECONDS)
            lines = [sum(line.startswith('{"level"') for line in attempt) for attempt in attempts]
            yield of_runs(f"Slack's secret is {case}: log lines per attempt", lines, 1, "", f"{LOG_MESSAGES[case]} …")
            without_metric = sum(not any(METRIC in line for line in attempt) for attempt in attempts)
            yield Figure(f"  attempts without the metric {METRIC}", without_metric, 0, "", runs=ATTEMPTS)
        yield of_runs("  time until SNS has the alert", seconds, 5, "s")


def _replace_secret(cloud: Cloud, secret: str | None) -> None:
    """Writes the secret. None: deletes the secret."""
    secrets = cloud.client("secretsmanager")
    # A running function continues to use the secret that it has read until Slack refuses the token.
    cloud.control("POST", "/faults", {"fault": "slack-revoked"})
    if secret is None:
        secrets.delete_secret(SecretId=SLACK_SECRET, RecoveryWindowInDays=7)
    else:
        secrets.put_secret_value(SecretId=SLACK_SECRET, SecretString=secret)


def _restore_secret(cloud: Cloud, bad: str | None, good: str) -> None:
    secrets = cloud.client("secretsmanager")
    cloud.control("DELETE", "/faults")
    if bad is None:
        secrets.restore_secret(SecretId=SLACK_SECRET)
    else:
        secrets.put_secret_value(SecretId=SLACK_SECRET, SecretString=good)


def _seconds_until_published(cloud: Cloud) -> float:
    """Sends an event that causes an alert, and waits until SNS has the alert."""

    def publish_calls() -> int:
        return sum(call["action"] == "Publish" for call in cloud.control("GET", "/calls"))

    before, started = publish_calls(), time.monotonic()
    detail = {
        "Status": "Managed update failed",
        "EventDate": round(datetime.now(UTC).timestamp() * 1000),
        "ApplicationName": "shop",
        "Message": "Managed update failed, retrying in 60 minutes.",
        "EnvironmentName": "shop-staging",
        "Severity": "INFO",
    }
    cloud.control("POST", "/events", envelope("aws.elasticbeanstalk", "Managed update status change", detail, []))
    cloud.eventually(lambda: publish_calls() > before, PATIENCE_SECONDS)
    return time.monotonic() - started


def _attempts(cloud: Cloud, lines_before: int, message: str) -> list[list[str]]:
    """Returns the log lines of the first ATTEMPTS invocations that log the message, with one list for each invocation.

    Lambda's own lines (START, END and REPORT) are omitted.
    """

    def find() -> list[list[str]]:
        invocations = _finished_invocations(logged(cloud, "PostToSlack")[lines_before:])
        attempts = [lines for lines in invocations if message in "".join(lines)]
        return attempts[:ATTEMPTS] if len(attempts) >= ATTEMPTS else []

    return cloud.eventually(find, PATIENCE_SECONDS)


def _finished_invocations(lines: list[str]) -> Iterator[list[str]]:
    """Returns the lines of each invocation. Invocations do not overlap, because there is only one channel."""
    current: list[str] = []
    for line in lines:
        match line.split()[0]:
            case "START":
                current = []
            case "REPORT":
                yield current
            case "END":
                pass
            case _:
                current.append(line)


def _has_more_messages(cloud: Cloud, count: int) -> bool:
    return _message_count(cloud) > count


def _message_count(cloud: Cloud) -> int:
    return len(cloud.control("GET", "/slack/messages"))

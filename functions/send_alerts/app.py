"""Woken by the ledger's stream, for alerts alone: sends each to the topic, and on to Slack."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from wardrop.alerts.send import SendAlerts, Slack
from wardrop.aws import clients
from wardrop.aws.ledger.alerts import read_image
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.aws.metrics import count
from wardrop.aws.parameters import Parameters
from wardrop.aws.slack_posts import SlackPosts
from wardrop.aws.topic import Topic
from wardrop.configuration.load import Configurations, RememberedConfigurations

logger = Logger()


@cache
def send_alerts() -> SendAlerts:
    ledger = Ledger(Table(clients.dynamodb(), os.environ["LEDGER_TABLE"]))
    return SendAlerts(
        ledger=ledger,
        topic=Topic(clients.sns(), os.environ["ALERT_TOPIC_ARN"]),
        slack=_slack(ledger),
        region=os.environ["AWS_REGION"],
        partition=os.environ["PARTITION"],
    )


def _slack(ledger: Ledger) -> Slack | None:
    if not (url := os.environ["SLACK_POSTS_URL"]):
        return None
    parameters = Parameters(clients.ssm(), os.environ["CONFIGURATION_PATH"])
    return Slack(
        posts=SlackPosts(clients.sqs(), url),
        configurations=RememberedConfigurations(Configurations(parameters, ledger)),
        channel=os.environ["SLACK_CHANNEL"] or None,
    )


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    for record in event["Records"]:
        written = record["dynamodb"]
        try:
            alert = read_image(written["NewImage"])
            if send_alerts()(alert, datetime.now(UTC)):
                count("AlertsSent")
                logger.info(alert.text, alert_id=alert.alert_id, kind=alert.kind, severity=alert.severity)
        except Exception:  # what cannot be sent is delivered again, and all that follows it, in order
            logger.exception("an alert could not be sent", key=written["Keys"])
            return {"batchItemFailures": [{"itemIdentifier": written["SequenceNumber"]}]}
    return {"batchItemFailures": []}

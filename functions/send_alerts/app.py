"""Sends the alerts from the ledger's stream to the alert topic and to the queue of post_to_slack."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from wardrop.alerts.model import Alert
from wardrop.alerts.send import SendAlerts
from wardrop.aws.ledger.stream import each_alert
from wardrop.aws.logs import calls_counted, function_logger
from wardrop.aws.metrics import Metric, count
from wardrop.wiring import Wiring

logger = function_logger()
wiring = Wiring()


@logger.inject_lambda_context(clear_state=True)
@calls_counted
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    return respond(event, wiring.send_alerts)


def respond(event: dict[str, Any], send_alerts: SendAlerts) -> dict[str, Any]:
    def send(alert: Alert) -> None:
        keys = {"deployment_id": alert.deployment, "application": alert.application, "environment": alert.environment}
        with logger.append_context_keys(**keys):
            if send_alerts(alert, datetime.now(UTC)):
                count(Metric.ALERTS_SENT)
                logger.info(alert.text, alert_id=alert.alert_id, kind=alert.kind, severity=alert.severity)

    return each_alert(event, send)

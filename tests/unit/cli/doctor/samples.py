"""Readings of a sound installation, for the tests of the checks."""

from dataclasses import replace
from typing import Any

from wardrop_cli.answers import Configuration, Environment
from wardrop_cli.doctor.findings import CannotTell, Finding, Severity
from wardrop_cli.doctor.judge import judge
from wardrop_cli.doctor.readings import (
    Bucket,
    DeadLetters,
    Installed,
    Overview,
    Platform,
    Quota,
    Readings,
    Rights,
    SecretForm,
    Slack,
    Stack,
    Switch,
    SwitchKind,
)

DENIED = CannotTell("your credentials may not call X")

RULE = Switch("ObjectCreated", SwitchKind.RULE, "wardrop-ObjectCreated-1A", "ENABLED")
SCHEDULE = Switch("Tick", SwitchKind.SCHEDULE, "wardrop-Tick-1A", "ENABLED")
MAPPING = Switch("MailboxMapping", SwitchKind.MAPPING, "0b7a", "Enabled")
QUEUE = DeadLetters("DropsDead", "https://sqs.eu-central-1.amazonaws.com/123456789012/wardrop-DropsDead-1A", 0)
SLACK = Slack("arn:aws:secretsmanager:eu-central-1:123456789012:secret:slack", SecretForm.BOT, "#ops", late=False)
PROD = Environment(
    environment="shop-prod",
    application="shop",
    status="Ready",
    health="Ok",
    availability="a deployment that changes no settings keeps the service up: Rolling, 1 of 4 at a time",
    guard="alert",
)
SHOP = Configuration("shop", "/wardrop/applications/shop", "document", version=3)
INSTALLED = Installed(
    name="shop-prod",
    application="shop",
    has_enhanced_health=True,
    has_operations_role=True,
    platform=Platform("Tomcat 10.1 with Corretto 21", "Supported", is_recommended=True),
    failed_updates=[],
)
SOUND = Readings(
    stack_name="wardrop",
    region="eu-central-1",
    command_version="0.1.0",
    stack_version="0.1.0",
    stack=Stack("CREATE_COMPLETE", {"DownstreamAccess": "operations-role"}),
    switches=[RULE, SCHEDULE, MAPPING],
    drop_bucket=Bucket("drops", exists=True, has_events=True, is_versioned=True),
    release_bucket=Bucket("releases", exists=True),
    dead_letters=[QUEUE],
    slack=SLACK,
    rights=Rights((), "shop-prod"),
    overview=Overview([PROD], [SHOP]),
    quota=Quota(12, 1000),
    installed=[INSTALLED],
)


def findings(check: str, readings: Readings) -> list[Finding]:
    return [finding for finding in judge(readings) if finding.check == check]


def finding(check: str, **differs: Any) -> Finding:
    """The only finding that is not OK, if a sound installation is changed in these fields."""
    [only] = [each for each in findings(check, replace(SOUND, **differs)) if each.severity is not Severity.OK]
    return only

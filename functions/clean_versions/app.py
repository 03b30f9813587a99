"""Runs every hour, when there is no room for a drop, and on request: deletes the versions that no rule keeps."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from wardrop.aws import clients
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.marks import Marks
from wardrop.aws.ledger.table import Table
from wardrop.aws.metrics import count
from wardrop.aws.parameters import Parameters
from wardrop.configuration.load import Configurations
from wardrop.errors import NotNow
from wardrop.versions.clean import CleanVersions
from wardrop.versions.report import CleanUpReport

logger = Logger()

MARGIN = timedelta(seconds=60)
"""A clean-up stops so long before the function's timeout, because a call that is throttled may take half a minute.

Example: the function starts at 12:00:00 and would time out at 12:15:00. At 12:14:00 the clean-up begins nothing more,
and uses the rest of the time to write what it did."""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tick: str | None = None
    asked_by: str | None = None
    dry_run: bool = False
    application: str | None = None


@cache
def clean_versions() -> CleanVersions:
    dynamodb, table = clients.dynamodb(), os.environ["LEDGER_TABLE"]
    ledger = Ledger(Table(dynamodb, table))
    return CleanVersions(
        beanstalk=Beanstalk(clients.beanstalk(attempts=6)),
        bundles=Bundles(clients.s3(), os.environ["RELEASE_BUCKET"]),
        ledger=ledger,
        marks=Marks(Table(dynamodb, table)),
        configurations=Configurations(Parameters(clients.ssm(), os.environ["CONFIGURATION_PATH"]), ledger),
        applications=os.environ["APPLICATIONS"],
    )


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    deadline = _now() + timedelta(milliseconds=context.get_remaining_time_in_millis()) - MARGIN
    return respond(event, clean_versions(), _now, deadline)


def respond(event: dict[str, Any], clean: CleanVersions, clock: Callable[[], datetime], deadline: datetime) -> Any:
    request = msgspec.convert(event, Request)
    if request.dry_run:
        return msgspec.to_builtins(clean.plan(clock(), request.application))
    try:
        is_tick = request.asked_by is None
        report = clean.on_tick(clock, deadline) if is_tick else clean(clock, deadline, request.asked_by)
    except NotNow as error:
        logger.info("the next tick tries again", reason=error.reason)
        return None
    if report is not None:
        _record(report)
    return None


def _record(report: CleanUpReport) -> None:
    logger.info(report.text(), failures=report.failures, blocked=len(report.blocked))
    count("VersionsDeleted", report.deleted)
    count("BytesFreed", report.freed_bytes)
    count("VersionsNotDeleted", len(report.failures))
    count("VersionsInRegion", report.versions_after)
    count("VersionQuota", report.quota)


def _now() -> datetime:
    return datetime.now(UTC)

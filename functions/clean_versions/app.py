"""Woken every hour, when there is no room for a drop, and by people: deletes the versions that no rule keeps."""

import os
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
"""Nothing is begun with less: a call that is throttled again and again may take half a minute."""


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
    request = msgspec.convert(event, Request)
    if request.dry_run:
        return msgspec.to_builtins(clean_versions().plan(_now(), request.application))
    deadline = _now() + timedelta(milliseconds=context.get_remaining_time_in_millis()) - MARGIN
    try:
        if request.asked_by is not None:
            report = clean_versions()(_now, deadline, request.asked_by)
        else:
            report = clean_versions().on_tick(_now, deadline)
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

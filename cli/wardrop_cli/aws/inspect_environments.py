"""Reads the environments of the stack's applications with the user's own credentials."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cached_property
from itertools import takewhile
from typing import Any

from wardrop_cli.aws.account import Account
from wardrop_cli.aws.facts import fact
from wardrop_cli.doctor.findings import CannotTell
from wardrop_cli.doctor.readings import FailedUpdate, Installed, Platform, Stack
from wardrop_cli.foreign_text import one_line

GONE = ("Terminating", "Terminated")
AWS = "AWSElasticBeanstalk"
LONGEST_REASON = 300


class EnvironmentsInspection:
    def __init__(self, account: Account, pool: ThreadPoolExecutor, stack: Stack | CannotTell) -> None:
        self._account = account
        self._pool = pool
        self._stack = stack

    def arns(self) -> list[str] | CannotTell:
        if isinstance(self._environments, CannotTell):
            return self._environments
        return [str(each["EnvironmentArn"]) for each in self._environments]

    def installed(self) -> list[Installed] | CannotTell:
        if isinstance(self._environments, CannotTell):
            return self._environments
        arns = sorted({str(each.get("PlatformArn", "")) for each in self._environments})
        platforms = dict(zip(arns, self._pool.map(self._platform, arns), strict=True))
        names = [str(each["EnvironmentName"]) for each in self._environments]
        updates = self._pool.map(self._failed_updates, names)
        return [
            Installed(
                name=name,
                application=str(given["ApplicationName"]),
                has_enhanced_health="HealthStatus" in given,
                has_operations_role=bool(given.get("OperationsRole")),
                platform=platforms[str(given.get("PlatformArn", ""))],
                failed_updates=failed,
            )
            for name, given, failed in zip(names, self._environments, updates, strict=True)
        ]

    @cached_property
    def _client(self) -> Any:
        return self._account.client("elasticbeanstalk")

    @cached_property
    def _environments(self) -> list[dict[str, Any]] | CannotTell:
        """The environments that the stack serves. DescribeEnvironments gives HealthStatus only for enhanced health."""
        if isinstance(self._stack, CannotTell):
            return self._stack
        pattern = self._stack.parameters.get("Applications", "*")
        return fact(lambda: [each for each in self._all() if matches(pattern, each["ApplicationName"])])

    def _all(self) -> Sequence[dict[str, Any]]:
        pages = self._client.get_paginator("describe_environments").paginate(IncludeDeleted=False)
        return [each for page in pages for each in page["Environments"] if each["Status"] not in GONE]

    def _platform(self, arn: str) -> Platform | CannotTell:
        if not arn:
            return CannotTell("Beanstalk states no platform version")
        described = fact(lambda: self._client.describe_platform_version(PlatformArn=arn).get("PlatformDescription", {}))
        if isinstance(described, CannotTell):
            return described
        if described.get("PlatformOwner") != AWS:
            return CannotTell("it is not a platform of AWS")
        return Platform(
            name=one_line(str(described.get("PlatformArn", arn)).rpartition("platform/")[2]),
            branch_state=one_line(str(described.get("PlatformBranchLifecycleState") or "")),
            is_recommended=described.get("PlatformLifecycleState") == "Recommended",
        )

    def _failed_updates(self, name: str) -> list[FailedUpdate] | CannotTell:
        history = fact(
            lambda: self._client.describe_environment_managed_action_history(EnvironmentName=name, MaxItems=20)
        )
        if isinstance(history, CannotTell):
            return history
        items = sorted(history.get("ManagedActionHistoryItems", []), key=_finished, reverse=True)
        return [
            FailedUpdate(_finished(item), one_line(str(item.get("FailureDescription") or "no reason"), LONGEST_REASON))
            for item in takewhile(lambda item: item.get("Status") == "Failed", items)
        ]


def _finished(item: dict[str, Any]) -> datetime:
    time: datetime = item.get("FinishedTime") or item.get("ExecutedTime") or datetime.min.replace(tzinfo=UTC)
    return time


def matches(pattern: str, name: str) -> bool:
    """Whether the pattern in the template's parameter Applications matches. `*` matches any characters."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL) is not None

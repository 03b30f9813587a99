"""Checks that a test on the stand-in needs each grant of the template's roles, and that no call is denied.

Each stand-in writes the grants that its calls used to a folder. The folder is read after all tests.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.cloud import RECORDINGS
from tests import gate
from tests.groups import GROUPS

Grant = tuple[str, str, str]
"""A role, the Sid of a statement, and an action."""
NEEDED_IN_AWS = {
    "WriteTraces": "Lambda sends the traces; the stand-in has no X-Ray.",
    "Downstream": "Beanstalk reads the bundle with the permissions of its caller.",
    "DownstreamOfOthers": "Beanstalk reads the bundle of a version that somebody else created.",
    "ParkFailed": "Lambda sends the record of an invocation whose last attempt failed.",
    "ParkUndelivered": "The scheduler sends an invocation that it could not make.",
    "OpenSlackSecret": "Secrets Manager decrypts a secret that is encrypted with a customer's key.",
}
"""By Sid, the reasons for grants that no call on the stand-in uses."""
RARE = {
    ("WatchEnvironmentsRole", "KeepLedger", "dynamodb:DeleteItem"): "Forgets the settings of a terminated environment.",
    ("WatchEnvironmentsRole", "KeepLedger", "dynamodb:UpdateItem"): "Sends an alert again after five real minutes.",
    ("WatchEnvironmentsRole", "ListDeploymentLogs", "s3:ListBucket"): "Finds the log of an update by auto scaling.",
    ("AdvanceDeploymentRole", "ReadInstanceLogs", "s3:DeleteObject"): "Beanstalk stages the logs as the caller.",
    ("AdvanceDeploymentRole", "ReadInstanceLogs", "s3:PutObject"): "Beanstalk stages the logs as the caller.",
    ("CleanVersionsRole", "KeepLedger", "dynamodb:ConditionCheckItem"): "Marks a version of somebody else.",
    ("CleanVersionsRole", "KeepLedger", "dynamodb:DeleteItem"): "Deletes the item of a version of somebody else.",
}
"""Grants that only AWS or the unit tests of a function use."""
MODULES = [module for name in ("demo", "deployments", "drops") for module in GROUPS[name].split()]
PROJECT = {
    f"tests/{module}.py"
    for module in (*MODULES, "integration/test_guard_configuration", "e2e/test_existing_bucket", "e2e/test_rare_calls")
}
"""The modules whose tests need the grants."""


def declared(template: dict[str, Any]) -> Iterator[Grant]:
    for role, resource in template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"].get("Policies", []):
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield from ((role, *grant) for grant in _grants(statement))


def _grants(statement: dict[str, Any]) -> Iterator[tuple[str, str]]:
    match statement:
        case {"Fn::If": [_, yes, no]}:
            yield from _grants(yes)
            yield from _grants(no)
        case {"Effect": "Allow", "Sid": sid, "Action": str(action)}:
            yield sid, action
        case {"Effect": "Allow", "Sid": sid, "Action": actions}:
            yield from ((sid, action) for action in actions)


def faults(template: dict[str, Any], recordings: list[dict[str, Any]], *, is_complete: bool) -> list[str]:
    """The faults, one line each. Only a complete run of the tests shows that a grant is not needed."""
    functions = {name for name, one in template["Resources"].items() if one["Type"].endswith("::Function")}
    denied = {
        f"{call['principal']} was denied {call['service']}:{call['action']}"
        for recording in recordings
        for call in recording["denied"]
        if call["principal"] in functions
    }
    used = {tuple(grant) for recording in recordings for grant in recording["grants"]}
    unused = [
        f"no test needs {action} of {sid} in {role}"
        for role, sid, action in declared(template)
        if is_complete and sid not in NEEDED_IN_AWS and (role, sid, action) not in used | RARE.keys()
    ]
    return [*sorted(denied), *unused]


class Recorder:
    """A plugin of the process that starts the workers."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        os.environ[RECORDINGS] = self._folder.name
        self._ran: dict[str, bool] = {}
        """By module, whether all its tests have passed."""
        self._faults: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        module = report.nodeid.partition("::")[0]
        self._ran[module] = self._ran.get(module, True) and not report.failed

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        recordings = [json.loads(file.read_text()) for file in Path(self._folder.name).glob("*.json")]
        self._folder.cleanup()
        is_complete = not _is_selection(session.config) and all(self._ran.get(module) for module in PROJECT)
        if recordings:
            self._faults = faults(gate.expand(gate.TEMPLATE.read_text()), recordings, is_complete=is_complete)
        if self._faults and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._faults:
            terminalreporter.section("permissions", red=True)
        for fault in self._faults:
            terminalreporter.write_line(fault)


def _is_selection(config: pytest.Config) -> bool:
    return bool(config.option.keyword) or any("::" in argument for argument in config.args)

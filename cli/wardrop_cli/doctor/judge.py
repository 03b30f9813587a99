"""All checks in the order in which they are shown, and the exit code."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from wardrop_cli.doctor.configuration_checks import check_configurations, check_quota
from wardrop_cli.doctor.delivery_checks import check_dead_letters, check_drop_bucket, check_release_bucket
from wardrop_cli.doctor.environment_checks import check_availability, check_installed
from wardrop_cli.doctor.findings import Finding, Severity
from wardrop_cli.doctor.permission_checks import check_operations_roles, check_rights
from wardrop_cli.doctor.readings import Readings
from wardrop_cli.doctor.slack_checks import check_slack
from wardrop_cli.doctor.stack_checks import check_requests, check_stack, check_switches, check_version
from wardrop_cli.exit_codes import ExitCode


def judge(readings: Readings) -> list[Finding]:
    return list(_findings(readings))


def _findings(readings: Readings) -> Iterator[Finding]:
    yield check_requests(readings)
    yield check_version(readings)
    yield check_stack(readings)
    yield from check_switches(readings)
    yield from check_drop_bucket(readings)
    yield check_release_bucket(readings)
    yield from check_dead_letters(readings)
    yield from check_slack(readings)
    yield check_rights(readings)
    if finding := check_operations_roles(readings):
        yield finding
    yield from check_configurations(readings)
    yield check_quota(readings)
    yield from check_availability(readings)
    yield from check_installed(readings)


def exit_code(findings: Sequence[Finding]) -> ExitCode:
    """FAILED if something is broken, and CANNOT_TELL if nothing is broken, but a check could not be made."""
    severities = {finding.severity for finding in findings}
    if Severity.BROKEN in severities:
        return ExitCode.FAILED
    return ExitCode.CANNOT_TELL if Severity.CANNOT_TELL in severities else ExitCode.SUCCESS


def document_of(findings: Sequence[Finding]) -> dict[str, Any]:
    """The document that `--json` prints."""
    return {
        "answer": "doctor",
        "exit_code": int(exit_code(findings)),
        "findings": [asdict(finding) for finding in findings],
    }

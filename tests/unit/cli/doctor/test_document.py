"""docs/doctor.md lists every check, and every right that the user needs."""

import re
from pathlib import Path

from tests.unit.cli.aws.test_inspect import ANSWERS
from tests.unit.cli.doctor.samples import SOUND
from wardrop_cli.doctor.findings import Severity
from wardrop_cli.doctor.judge import judge
from wardrop_cli.exit_codes import ExitCode

DOCUMENT = (Path(__file__).parents[4] / "docs" / "doctor.md").read_text()
ROWS = re.findall(r"^\| `([a-z-]+)` \| .* \| (.*) \|$", DOCUMENT, re.MULTILINE)
NAMES = {
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "HeadBucket": "ListBucket",
}
"""By operation of S3, the IAM action if it has another name."""

OF_REQUESTS = {"InvokeFunctionUrl", "InvokeFunction", "GetParameter"}


def test_every_check_is_listed_in_its_order() -> None:
    checks = list(dict.fromkeys(finding.check for finding in judge(SOUND)))
    assert [check for check, _ in ROWS] == checks


def test_every_right_is_listed() -> None:
    operations = {"".join(part.title() for part in name.split("_")) for name in ANSWERS}
    listed = {name for _, rights in ROWS for name in re.findall(r"`[a-z0-9]+:([A-Za-z]+)`", rights)}
    assert listed - OF_REQUESTS == {NAMES.get(name, name) for name in operations}


def test_severities_and_exit_codes_are_listed() -> None:
    assert re.findall(r"^\| `([a-z_]+)` \| [^|]* \|$", DOCUMENT, re.MULTILINE) == list(Severity)
    codes = [int(code) for code in re.findall(r"^\| (\d+) \|", DOCUMENT, re.MULTILINE)]
    assert codes == [ExitCode.SUCCESS, ExitCode.FAILED, ExitCode.NOT_REACHED, ExitCode.CANNOT_TELL]

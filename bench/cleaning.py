"""Measures a clean-up in an account whose quota is used up.

AWS's responses are created in the same process, so no network time is included.
"""

import io
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote_plus

import boto3
from botocore.awsrequest import AWSResponse, HTTPHeaders
from botocore.config import Config
from botocore.retries import standard

from bench.figure import Figure, of_runs
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles
from wardrop.aws.cloudwatch import Alarms
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.aws.parameters import Parameters
from wardrop.configuration.load import Configurations
from wardrop.versions.clean import CleanVersions
from wardrop.versions.plan import BATCH_SIZE

APPLICATIONS, VERSIONS, ENVIRONMENTS = 75, 10_000, 200
KEEP_LAST, KEEP_DAYS = 30, 30
"""The defaults of the configuration."""

THROTTLED = 0.2
RUNS = 3
NOW = datetime.now(UTC)
NAMESPACE = 'xmlns="http://elasticbeanstalk.amazonaws.com/docs/2010-12-01/"'
SHA = "ab" * 32


class Account:
    """A simulated account. Each application has one version for each day.

    The environments run old versions, which are therefore protected.
    """

    def __init__(self, throttled: float) -> None:
        self.calls: Counter[str] = Counter()
        self.deleted: list[str] = []
        self._throttled, self._dice = throttled, random.Random(1)  # noqa: S311 - no secret
        self.versions: dict[tuple[str, str], datetime] = {}
        for number in range(VERSIONS):
            application, age = f"app-{number % APPLICATIONS:02}", number // APPLICATIONS
            self.versions[application, f"v-{age:03}"] = NOW - timedelta(days=age, minutes=1)
        self.environments = {
            f"env-{number:03}": (f"app-{number % APPLICATIONS:02}", f"v-{100 + number // APPLICATIONS:03}")
            for number in range(ENVIRONMENTS)
        }
        self.deletable = {
            (application, label)
            for application, label in self.versions
            if int(label[2:]) >= max(KEEP_LAST, KEEP_DAYS) and (application, label) not in self.environments.values()
        }

    def client(self, service: str) -> Any:
        config = Config(retries={"mode": "standard", "total_max_attempts": 6})
        client = boto3.client(
            service,  # type: ignore[call-overload]
            region_name="us-east-1",
            aws_access_key_id="a",
            aws_secret_access_key="b",  # noqa: S106 - not a real credential
            config=config,
        )
        client.meta.events.register("before-send", getattr(self, f"_{service}"))
        return client

    def _answer(self, name: str, body: str, status: int = 200) -> AWSResponse:
        self.calls[name] += 1
        raw: Any = io.BytesIO(body.encode())
        raw.stream = lambda *_, **__: iter([raw.getvalue()])
        return AWSResponse("", status, HTTPHeaders(), raw)

    def _elasticbeanstalk(self, request: Any, **_: object) -> AWSResponse:
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        parameters = {name: values[0] for name, values in parse_qs(body).items()}
        action = parameters["Action"]
        if self._dice.random() < self._throttled:
            error = "<Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error>"
            return self._answer("throttled", f"<ErrorResponse {NAMESPACE}>{error}</ErrorResponse>", 400)
        result = getattr(self, f"_{action}")(parameters)
        return self._answer(
            action, f"<{action}Response {NAMESPACE}><{action}Result>{result}</{action}Result></{action}Response>"
        )

    def _DescribeAccountAttributes(self, _: dict[str, str]) -> str:  # noqa: N802 - the API's name
        quota = f"<ApplicationVersionQuota><Maximum>{VERSIONS}</Maximum></ApplicationVersionQuota>"
        return f"<ResourceQuotas>{quota}</ResourceQuotas>"

    def _DescribeApplicationVersions(self, parameters: dict[str, str]) -> str:  # noqa: N802 - the API's name
        start, size = int(parameters.get("NextToken", 0)), int(parameters["MaxRecords"])
        page = list(self.versions.items())[start : start + size]
        listed = "".join(
            f"<member><ApplicationName>{application}</ApplicationName><VersionLabel>{label}</VersionLabel>"
            f"<Description>dropped by jenkins</Description><DateCreated>{at:%Y-%m-%dT%H:%M:%S.000Z}</DateCreated>"
            f"<SourceBundle><S3Bucket>releases</S3Bucket><S3Key>{_key(application, label)}</S3Key></SourceBundle>"
            f"<DateUpdated>{at:%Y-%m-%dT%H:%M:%S.000Z}</DateUpdated><Status>UNPROCESSED</Status></member>"
            for (application, label), at in page
        )
        token = f"<NextToken>{start + size}</NextToken>" if start + size < len(self.versions) else ""
        return f"<ApplicationVersions>{listed}</ApplicationVersions>{token}"

    def _DescribeEnvironments(self, parameters: dict[str, str]) -> str:  # noqa: N802 - the API's name
        listed = "".join(
            f"<member><EnvironmentName>{name}</EnvironmentName><EnvironmentId>e-{name}</EnvironmentId>"
            f"<ApplicationName>{application}</ApplicationName><VersionLabel>{label}</VersionLabel>"
            f"<Status>Ready</Status><Health>Green</Health><DateUpdated>2026-01-01T00:00:00.000Z</DateUpdated></member>"
            for name, (application, label) in self.environments.items()
            if parameters.get("ApplicationName") in (None, application)
        )
        return f"<Environments>{listed}</Environments>"

    def _DeleteApplicationVersion(self, parameters: dict[str, str]) -> str:  # noqa: N802 - the API's name
        version = parameters["ApplicationName"], parameters["VersionLabel"]
        assert version in self.deletable, f"{version} is protected"
        del self.versions[version]
        self.deleted.append(version[1])
        return ""

    def _dynamodb(self, request: Any, **_: object) -> AWSResponse:
        action = request.headers["X-Amz-Target"].decode().partition(".")[2]
        parameters = json.loads(request.body)
        items = []
        values = parameters.get("ExpressionAttributeValues", {})
        if action == "Query" and values.get(":prefix") == {"S": "label/"}:
            application = values[":pk"]["S"].partition("/")[2]
            items = [_item(*version) for version in self.versions if version[0] == application]
        return self._answer(f"dynamodb:{action}", json.dumps({"Items": items} if action == "Query" else {}))

    def _ssm(self, **_: object) -> AWSResponse:
        return self._answer("GetParameter", json.dumps({"__type": "ParameterNotFound"}), 400)

    def _s3(self, request: Any, **_: object) -> AWSResponse:
        if request.method == "POST":
            return self._answer("DeleteObjects", "<DeleteResult/>")
        marker = parse_qs(request.url.partition("?")[2]).get("key-marker", ["0"])[0]
        start, versions = int(unquote_plus(marker)), list(self.versions)
        listed = "".join(
            f"<Version><Key>{_key(*version)}</Key><VersionId>v</VersionId><Size>20000000</Size>"
            "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Version>"
            for version in versions[start : start + 1000]
        )
        more = f"<IsTruncated>true</IsTruncated><NextKeyMarker>{start + 1000}</NextKeyMarker>"
        ending = more if start + 1000 < len(versions) else "<IsTruncated>false</IsTruncated>"
        return self._answer("ListObjectVersions", f"<ListVersionsResult>{listed}{ending}</ListVersionsResult>")


def _key(application: str, label: str) -> str:
    return f"{application}/{'0' * 32}/{label}.war"


def _item(application: str, label: str) -> Any:
    release = {"bucket": "releases", "key": _key(application, label), "version_id": "v", "sha256": SHA}
    return {
        "sk": {"S": f"label/{label}"},
        "reserved_at": {"S": "2026-01-01T00:00:00Z"},
        "release": {"M": {name: {"S": value} for name, value in release.items()}},
    }


def _clean_versions(account: Account) -> CleanVersions:
    dynamodb = account.client("dynamodb")
    ledger = Ledger(Table(dynamodb, "ledger"))
    return CleanVersions(
        Beanstalk(account.client("elasticbeanstalk")),
        Bundles(account.client("s3"), "releases"),
        ledger,
        Configurations(
            Parameters(account.client("ssm"), "/wardrop/applications"),
            ledger,
            Alarms(lambda: account.client("cloudwatch")),
        ),
        "*",
    )


def _plan() -> dict[str, float]:
    account = Account(0)
    clean = _clean_versions(account)
    started, processor_started = time.perf_counter(), time.process_time()
    plan = clean.plan(NOW)
    seconds, processor_seconds = time.perf_counter() - started, time.process_time() - processor_started
    assert plan.versions_to_delete == len(account.deletable), plan.versions_to_delete
    # getrusage is not used, because its figure includes the memory of the parent process.
    with open("/proc/self/status") as status:
        [peak] = [line for line in status if line.startswith("VmHWM:")]
    return {"seconds": seconds, "processor_seconds": processor_seconds, "peak": int(peak.split()[1]) / 1024}


def _throttled_run() -> dict[str, Any]:
    """Repeats the clean-up until it is complete, and checks each deletion. The SDK retries calls without waiting."""
    standard.ExponentialBackoff.delay_amount = lambda *_: 0  # type: ignore[method-assign]
    account = Account(THROTTLED)
    expected, runs = len(account.deletable), 0
    clean = _clean_versions(account)
    complete = False
    while not complete and runs < 5:
        report = clean(lambda: datetime.now(UTC), datetime.now(UTC) + timedelta(hours=1))
        complete, runs = report is not None and report.is_complete, runs + 1
    throttled = account.calls.pop("throttled")
    return {
        "missing": expected - len(account.deleted),
        "runs": runs,
        "throttled": throttled,
        "calls": account.calls,
        "deleted": len(account.deleted),
    }


def figures() -> Iterator[Figure]:
    plans = [_measured("plan") for _ in range(RUNS)]
    size = f"{APPLICATIONS} applications, {VERSIONS:,} versions, {ENVIRONMENTS} environments"
    longest = max(plan["seconds"] for plan in plans)
    note = f"processor time, including that of AWS's answers; at most {longest:.1f} s elapsed"
    yield of_runs(f"plan of a clean-up, {size}", [plan["processor_seconds"] for plan in plans], 5, "s", note)
    yield of_runs("  peak memory of the process", [plan["peak"] for plan in plans], 200, "MB")
    run = _measured("run")
    calls: Counter[str] = Counter(run["calls"])
    pages = calls["DescribeApplicationVersions"] + calls["ListObjectVersions"] + calls["DeleteObjects"]
    other_calls = calls.total() - run["deleted"] - pages
    counts = ", ".join(f"{name} {count:,}" for name, count in sorted(calls.items()))
    note = f"{run['deleted']:,} deletions, {pages} pages, in batches of {BATCH_SIZE}: {counts}"
    yield Figure(
        "  calls of a complete clean-up, without pages and deletions, per application",
        other_calls / APPLICATIONS,
        25,
        "",
        note=note,
    )
    note = f"{run['throttled']:,} calls throttled, {run['runs']} runs; every deletion was checked"
    name = f"  with {THROTTLED:.0%} of the calls throttled: versions that should have been deleted but were not"
    yield Figure(name, run["missing"], 0, "", note=note)


def _measured(command: str) -> Any:
    """Runs the measurement in a separate process, because the memory of the process is also measured."""
    environment = os.environ | {"PYTHONPATH": "layers/wardrop:."}
    arguments = [sys.executable, "-m", "bench.cleaning", command]
    done = subprocess.run(arguments, env=environment, capture_output=True, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    print(json.dumps(_plan() if sys.argv[1] == "plan" else _throttled_run()))

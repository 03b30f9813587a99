"""How the code of the layer and the functions is laid out: sizes, and the files that one drop passes on its way."""

import ast
import importlib.util
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from types import FrameType
from typing import Any

from bench.calls import create_ledger, war
from bench.figure import Figure
from local.cloud import Cloud

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (ROOT / "layers/wardrop/wardrop", ROOT / "functions")
ENVIRONMENT, KEY = "shop-staging", "shop/shop-staging/shop-1.war"
LEDGER, DROPS, RELEASES = "structure-ledger", "structure-drops", "structure-releases"
MOST_LOOKS = 200


def figures() -> Iterator[Figure]:
    yield from _sizes()
    with Cloud(speed=600) as cloud:
        everything, subjects = _Trace(outside=()), _Trace(outside=("wardrop/aws/", "functions/"))
        looks = _Road(cloud).drive([everything, subjects])
    yield Figure("files of the subjects that one drop to `succeeded` passes", len(subjects.files), 15, "")
    yield Figure("  calls from one of them into another", subjects.jumps, 133, "", note=str(subjects))
    yield Figure("  functions", len(subjects.functions), 138, "", note=f"{looks} invocations of advance_deployment")
    yield Figure("the same with handlers and adapters: files", len(everything.files), 30, "")
    yield Figure("  calls from one file into another", everything.jumps, 292, "", note=str(everything))
    yield Figure("  functions", len(everything.functions), 188, "")


def _sizes() -> Iterator[Figure]:
    paths = [path for source in SOURCES for path in source.rglob("*.py")]
    files = [len(path.read_text().splitlines()) for path in paths]
    functions = [
        node.end_lineno - node.lineno + 1
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None
    ]
    written = [lines for lines in files if lines > 1]  # not the packages' one-line docstrings
    for what, sizes, limits in (("file", written, (80, 180, 260)), ("function", functions, (6, 18, 46))):
        values = (median(sizes), quantiles(sizes, n=10)[-1], max(sizes))
        for name, value, limit in zip(("median", "90 %", "longest"), values, limits, strict=True):
            yield Figure(f"lines a {what}, {name} of {len(sizes)}", value, limit, "")


class _Trace:
    """Counts calls between files of the project; what a library calls in between does not hide the caller."""

    def __init__(self, outside: tuple[str, ...]) -> None:
        self.functions: set[tuple[str, str]] = set()
        self.files: Counter[str] = Counter()
        """How often each file is called from another one."""

        self._outside = outside

    @property
    def jumps(self) -> int:
        return self.files.total()

    def called(self, frame: FrameType) -> None:
        name = self._file(frame)
        if name is None or frame.f_code.co_name.startswith("<"):
            return
        self.functions.add((name, frame.f_code.co_qualname))
        caller = frame.f_back
        while caller is not None and self._file(caller) is None:
            caller = caller.f_back
        self.files[name] += caller is None or self._file(caller) != name

    def _file(self, frame: FrameType) -> str | None:
        path = frame.f_code.co_filename
        name = next(
            (path.removeprefix(f"{source.parent}/") for source in SOURCES if path.startswith(str(source))), None
        )
        return None if name is None or name.startswith(self._outside) else name

    def __str__(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in self.files.most_common())


class _Road:
    """The two handlers in this process, on buckets, a ledger and queues of their own, against the stand-in."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.s3, self.sqs = cloud.client("s3"), cloud.client("sqs")
        for bucket in (DROPS, RELEASES):
            self.s3.create_bucket(Bucket=bucket)
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        create_ledger(cloud.client("dynamodb"), LEDGER)
        queue = self.sqs.create_queue(QueueName="structure.fifo", Attributes={"FifoQueue": "true"})
        self.mailbox: str = queue["QueueUrl"]
        cloud.client("ssm").put_parameter(
            Name="/structure/applications/shop",
            Value=f"environments: [{{name: {ENVIRONMENT}, bake: 0s}}]",
            Type="String",
        )
        os.environ.update(
            AWS_ENDPOINT_URL=cloud.endpoint,
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",  # noqa: S106 - what the stand-in takes
            AWS_DEFAULT_REGION="us-east-1",
            AWS_REGION="us-east-1",
            POWERTOOLS_SERVICE_NAME="structure",
            POWERTOOLS_METRICS_NAMESPACE="structure",
            POWERTOOLS_LOG_LEVEL="CRITICAL",
            POWERTOOLS_METRICS_DISABLED="true",
            LEDGER_TABLE=LEDGER,
            RELEASE_BUCKET=RELEASES,
            MAILBOX_URL=self.mailbox,
            DEAD_LETTERS_URL=self.mailbox,
            CONFIGURATION_PATH="/structure/applications",
            CLEAN_VERSIONS="unused",
            DROP_PREFIX="",
            SETTLE_SECONDS="3",
        )

    def drive(self, traces: list[_Trace]) -> int:
        """Returns how many invocations of advance_deployment the drop needed; those that only wait are not traced."""
        self._traced(_handler("receive_drop"), [self._dropped()], traces)
        advance, looks = _handler("advance_deployment"), 0
        messages = self._received()
        self._traced(advance, messages, traces)
        beanstalk = self.cloud.client("elasticbeanstalk")

        def over() -> bool:
            [environment] = beanstalk.describe_environments(EnvironmentNames=[ENVIRONMENT])["Environments"]
            return environment["Status"] == "Ready" and environment.get("VersionLabel") == "shop-1"

        self.cloud.eventually(over, 60)
        for looks in range(2, MOST_LOOKS):
            self._traced(advance, messages, traces if looks == 2 else [])
            if self._is_finished():
                return looks
        raise RuntimeError("the deployment did not succeed")

    def _traced(self, handler: Any, records: list[dict[str, Any]], traces: list[_Trace]) -> None:
        def profile(frame: FrameType, event: str, _argument: object) -> None:
            if event == "call":
                for trace in traces:
                    trace.called(frame)

        sys.setprofile(profile)
        try:
            handler({"Records": records}, _Context())
        finally:
            sys.setprofile(None)

    def _dropped(self) -> dict[str, Any]:
        put = self.s3.put_object(Bucket=DROPS, Key=KEY, Body=war(1))
        record: dict[str, Any] = json.loads((ROOT / "events/receive_drop/put_object_to_environment.json").read_text())
        [message] = record["Records"]
        body = json.loads(message["body"])
        body["time"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        body["detail"]["bucket"]["name"] = DROPS
        body["detail"]["object"] |= {"key": KEY, "version-id": put["VersionId"], "size": len(war(1))}
        return message | {"body": json.dumps(body)}

    def _received(self) -> list[dict[str, Any]]:
        [message] = self.sqs.receive_message(QueueUrl=self.mailbox, WaitTimeSeconds=5)["Messages"]
        attributes = {"MessageGroupId": ENVIRONMENT, "ApproximateReceiveCount": "1"}
        return [{"messageId": "1", "receiptHandle": "1", "body": message["Body"], "attributes": attributes}]

    def _is_finished(self) -> bool:
        items = self.cloud.client("dynamodb").query(
            TableName=LEDGER,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :past)",
            ExpressionAttributeValues={":pk": {"S": f"environment/{ENVIRONMENT}"}, ":past": {"S": "past/"}},
        )["Items"]
        states = [item["state"]["S"] for item in items]
        if any(state != "succeeded" for state in states):
            raise RuntimeError(f"the deployment ended as {states}")
        return bool(states)


class _Context:
    function_name, memory_limit_in_mb, aws_request_id = "structure", 512, "1"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:structure"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def _handler(function: str) -> Any:
    spec = importlib.util.spec_from_file_location(function, ROOT / f"functions/{function}/app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.handler

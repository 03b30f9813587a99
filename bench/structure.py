"""Measures the sizes of files and functions in the layer and in functions/, and the files that a deployment uses."""

import ast
import contextlib
import importlib.util
import inspect
import io
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
from bench.cold_starts import VARIABLES
from bench.figure import Figure
from local.cloud import Cloud

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (ROOT / "layers/wardrop/wardrop", ROOT / "functions")
ENVIRONMENT, KEY = "shop-staging", "shop/shop-staging/shop-1.war"
LEDGER, DROPS, RELEASES = "structure-ledger", "structure-drops", "structure-releases"
MOST_INVOCATIONS = 200


def figures() -> Iterator[Figure]:
    yield from _sizes()
    with Cloud(speed=600) as cloud:
        all_files, subjects = _Trace(ignored=()), _Trace(ignored=("wardrop/aws/", "functions/"))
        invocations = _Deployment(cloud).run([all_files, subjects])
    yield Figure("files of the subjects that take part in a deployment", len(subjects.files), 15, "")
    yield Figure("  calls between them", subjects.calls, 133, "", note=str(subjects))
    note = f"{invocations} invocations of advance_deployment"
    yield Figure("  functions", len(subjects.functions), 138, "", note=note)
    yield Figure("files including handlers and adapters", len(all_files.files), 30, "")
    yield Figure("  calls between them", all_files.calls, 292, "", note=str(all_files))
    yield Figure("  functions", len(all_files.functions), 188, "")


def _sizes() -> Iterator[Figure]:
    paths = [path for source in SOURCES for path in source.rglob("*.py")]
    file_sizes = [len(path.read_text().splitlines()) for path in paths]
    function_sizes = [
        node.end_lineno - node.lineno + 1
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None
    ]
    modules = [lines for lines in file_sizes if lines > 1]  # without each package's __init__.py
    for kind, sizes, limits in (("file", modules, (80, 180, 260)), ("function", function_sizes, (6, 18, 46))):
        values = (median(sizes), quantiles(sizes, n=10)[-1], max(sizes))
        for name, value, limit in zip(("median", "90 %", "longest"), values, limits, strict=True):
            yield Figure(f"lines per {kind}, {name} of {len(sizes)}", value, limit, "")


class _Trace:
    """Counts the calls from one file of the project to another, including calls through a library."""

    def __init__(self, ignored: tuple[str, ...]) -> None:
        self.functions: set[tuple[str, str]] = set()
        self.files: Counter[str] = Counter()
        """The number of calls to each file from other files."""

        self._ignored = ignored

    @property
    def calls(self) -> int:
        return self.files.total()

    def record(self, frame: FrameType) -> None:
        name = self._file(frame)
        is_function = frame.f_code.co_flags & inspect.CO_OPTIMIZED and not frame.f_code.co_name.startswith("<")
        if name is None or not is_function:  # an import runs the bodies of modules and classes; they do not count
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
        return None if name is None or name.startswith(self._ignored) else name

    def __str__(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in self.files.most_common())


class _Deployment:
    """Runs the handlers of receive_drop and advance_deployment in this process.

    They use their own buckets, ledger and queue on the stand-in.
    """

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
            Name=f"{VARIABLES['CONFIGURATION_PATH']}/shop",
            Value=f"environments: [{{name: {ENVIRONMENT}, bake: 0s}}]",
            Type="String",
        )
        os.environ.update(
            VARIABLES,
            AWS_ENDPOINT_URL=cloud.endpoint,
            POWERTOOLS_LOG_LEVEL="CRITICAL",
            POWERTOOLS_METRICS_DISABLED="true",
            LEDGER_TABLE=LEDGER,
            RELEASE_BUCKET=RELEASES,
            MAILBOX_URL=self.mailbox,
            DROPS_URL=self.mailbox,
            DEAD_LETTERS_URL=self.mailbox,
        )

    def run(self, traces: list[_Trace]) -> int:
        """Runs a deployment, and returns the number of invocations of advance_deployment.

        Invocations that only wait are not traced.
        """
        self._invoke(_handler("receive_drop"), [self._drop()], traces)
        advance = _handler("advance_deployment")
        messages = self._receive()
        self._invoke(advance, messages, traces)
        beanstalk = self.cloud.client("elasticbeanstalk")

        def is_updated() -> bool:
            [environment] = beanstalk.describe_environments(EnvironmentNames=[ENVIRONMENT])["Environments"]
            return bool(environment["Status"] == "Ready" and environment.get("VersionLabel") == "shop-1")

        self.cloud.eventually(is_updated, 60)
        for number in range(2, MOST_INVOCATIONS):
            self._invoke(advance, messages, traces if number == 2 else [])
            if self._is_finished():
                return number
        raise RuntimeError("the deployment did not succeed")

    def _invoke(self, handler: Any, records: list[dict[str, Any]], traces: list[_Trace]) -> None:
        def profile(frame: FrameType, event: str, _argument: object) -> None:
            if event == "call":
                for trace in traces:
                    trace.record(frame)

        sys.setprofile(profile)
        with contextlib.redirect_stdout(io.StringIO()):  # the metrics are written to stdout
            try:
                handler({"Records": records}, _Context())
            finally:
                sys.setprofile(None)

    def _drop(self) -> dict[str, Any]:
        """Returns the message that receive_drop gets for the file."""
        put = self.s3.put_object(Bucket=DROPS, Key=KEY, Body=war(1))
        record: dict[str, Any] = json.loads((ROOT / "events/receive_drop/put_object_to_environment.json").read_text())
        message: dict[str, Any] = record["Records"][0]
        body = json.loads(message["body"])
        body["time"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        body["detail"]["bucket"]["name"] = DROPS
        body["detail"]["object"] |= {"key": KEY, "version-id": put["VersionId"], "size": len(war(1))}
        return message | {"body": json.dumps(body)}

    def _receive(self) -> list[dict[str, Any]]:
        """Receives the message in the mailbox for advance_deployment."""
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

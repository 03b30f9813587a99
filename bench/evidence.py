"""Measures by how much reading the deployment log delays the alert about a failed update."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bench.figure import Figure, of_runs
from local.cloud import Cloud
from tests.unit.evidence.corpus import ALL, NOISE, log_of
from wardrop.aws.deployment_logs import DeploymentLogs
from wardrop.evidence.gather import GatherEvidence
from wardrop.evidence.log_part import LogName

RUNS, LOG_BYTES = 20, 2**20
BUCKET = "bench-logs"


def figures() -> Iterator[Figure]:
    """Measures with a log of 1 MB, Beanstalk's limit. Its end names no cause, so Wardrop also reads its beginning."""
    with Cloud() as cloud:
        s3, calls, sizes = cloud.client("s3"), Counter[str](), list[int]()
        s3.create_bucket(Bucket=BUCKET)
        evidence = GatherEvidence(DeploymentLogs(s3, BUCKET))
        log = LogName("e-bench", "request")
        noise = "\n".join(NOISE[:2]).encode() + b"\n"
        content = log_of(ALL[0].body, noisy=True) + noise * (LOG_BYTES // len(noise))
        key = evidence.logs.address(log).removeprefix(f"s3://{BUCKET}/")
        s3.put_object(Bucket=BUCKET, Key=key, Body=content[:LOG_BYTES])
        s3.meta.events.register("before-call", lambda model, **_: calls.update([model.name]))
        s3.meta.events.register("after-call", lambda parsed, **_: sizes.append(_size(parsed)))
        seconds = [_measured(evidence, log) for _ in range(RUNS)]
        yield of_runs("a failed update: time that the alert is delayed to read a log of 1 MB", seconds, 3, "s")
        yield Figure("  calls", calls.total() / RUNS, 2, "")
        yield Figure("  read", sum(sizes) / RUNS / 1024, 256, "KB")


def _measured(evidence: GatherEvidence, log: LogName) -> float:
    started = time.perf_counter()
    explanation = evidence.explain(log, datetime.now(UTC))
    assert explanation.cause is not None
    return time.perf_counter() - started


def _size(parsed: dict[str, Any]) -> int:
    return int(parsed.get("ContentLength", 0))

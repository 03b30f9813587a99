"""Measures the inspection of a large WAR in a separate process: requests, bytes, memory and processor time."""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.figure import Figure, of_runs

RUNS = 7
ENTRIES = 5_000
BYTES = 500_000_000

MB_OF_A_PROCESSOR = 1769
"""With this memory, in MB, a function has one whole processor. With less memory, it has a proportional share.

Source: AWS Lambda developer guide, "Configure Lambda function memory".
"""

INSPECT = """
import json, os, sys, time
import app  # so that the memory includes the whole function
from datetime import UTC, datetime
from wardrop.aws import clients
from wardrop.aws.bundles import Bundles
from wardrop.drops import bundle
from wardrop.drops.drop import Drop
drop = Drop(bucket="drops", key="shop/shop-1.war", version_id="v", etag="e", size=0,
            event_time=datetime.now(UTC), sequencer="0")
bundles = Bundles(clients.s3(), "releases")
started = time.process_time()
dropped = bundles.open(drop)
inspected = bundle.inspect(dropped.file, "shop-1.war", dropped.size)
seconds = time.process_time() - started
assert inspected.ebextensions.settings and inspected.implementation_version == "1.0.0", inspected
# getrusage is not used, because its figure includes the memory of the parent process.
[peak] = [line for line in open("/proc/self/status") if line.startswith("VmHWM:")]
print(json.dumps({"seconds": seconds, "peak": int(peak.split()[1]) / 1024}))
"""


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        war = Path(folder) / "shop-1.war"
        _write_war(war)
        with _served(war) as (url, response_sizes):
            runs = []
            for _ in range(RUNS):
                response_sizes.clear()
                runs.append(_inspect(url) | {"requests": len(response_sizes), "read": sum(response_sizes) / 2**20})
    size = f"{BYTES // 1_000_000} MB, {ENTRIES:,} entries"
    yield of_runs(f"inspection of a WAR of {size}: requests", [run["requests"] for run in runs], 5, "")
    yield of_runs("  bytes read", [run["read"] for run in runs], 1, "MB")
    yield of_runs("  peak memory of the process", [run["peak"] for run in runs], 128, "MB")
    yield of_runs("  processor time", [run["seconds"] * 1000 for run in runs], 150, "ms")
    share = memory_of("ReceiveDrop") / MB_OF_A_PROCESSOR
    note = f"computed from the processor time: the function's memory gives it {share:.2f} of a processor"
    yield of_runs("  time with Lambda's share of a processor", [run["seconds"] / share for run in runs], 3, "s", note)


def memory_of(function: str) -> int:
    """Returns the memory of a function in template.yaml, in MB."""
    text = Path("template.yaml").read_text()
    resource = text[text.index(f"\n  {function}:\n") :]
    return int(re.findall(r"^ +MemorySize: (\d+)$", resource, re.MULTILINE)[0])


def _write_war(path: Path) -> None:
    """Writes a WAR with names as long as in a real web application. The contents cannot be compressed."""
    noise = random.Random(1).randbytes(BYTES // ENTRIES)  # noqa: S311 - filler
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nImplementation-Version: 1.0.0\n")
        archive.writestr("WEB-INF/web.xml", "<web-app/>")
        archive.writestr(".ebextensions/a.config", "option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n")
        for number in range(ENTRIES - 3):
            archive.writestr(f"WEB-INF/classes/com/example/shop/catalogue/Class{number:05}.class", noise)


@contextmanager
def _served(path: Path) -> Iterator[tuple[str, list[int]]]:
    """Serves ranges of the file as S3 does, because moto would keep the whole file in memory.

    Yields the URL, and the list that receives the size of each response.
    """
    response_sizes: list[int] = []
    size = path.stat().st_size

    class Ranges(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            requested = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers["Range"])
            assert requested
            start = int(requested[1]) if requested[1] else size - int(requested[2])
            end = int(requested[2]) + 1 if requested[1] else size
            with path.open("rb") as file:
                file.seek(start)
                content = file.read(end - start)
            response_sizes.append(len(content))
            self.send_response(206)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
            self.send_header("Last-Modified", "Sun, 22 Nov 2026 10:00:00 GMT")
            self.send_header("ETag", '"e"')
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Logs nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ranges)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}", response_sizes
    finally:
        server.shutdown()


def _inspect(url: str) -> dict[str, float]:
    environment = os.environ | {
        "PYTHONDONTWRITEBYTECODE": "",  # Lambda imports compiled modules, too
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "PYTHONPATH": "functions/receive_drop:layers/wardrop",
        "POWERTOOLS_SERVICE_NAME": "bench",
    }
    done = subprocess.run([sys.executable, "-c", INSPECT], env=environment, capture_output=True, check=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured

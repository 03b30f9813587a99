"""A small HTTP server that answers as Parameter Store and RunCommand do, and records the requests."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from wardrop_cli import __version__

DONE = {"answer": "done", "text": "it is done"}


class SmallStack:
    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[dict[str, Any]] = []
        self.answers: dict[str, tuple[int, Any]] = {}
        """By command, the status and the document. Every other command is answered with DONE."""

        self.parameters: dict[str, dict[str, Any]] = {
            "/wardrop/outputs": _parameter(
                json.dumps(
                    {
                        "RunCommandUrl": f"{url}/run",
                        "DropBucket": "drops",
                        "ReleaseBucket": "releases",
                        "Version": __version__,
                    }
                )
            )
        }

    def answer(self, path: str, target: str, request: dict[str, Any]) -> tuple[int, Any]:
        if path == "/run":
            self.requests.append(request)
            return self.answers.get(request["command"], (200, DONE))
        if target == "AmazonSSM.GetParameter":
            if request["Name"] not in self.parameters:
                return 400, {"__type": "ParameterNotFound"}
            return 200, {"Parameter": {"Name": request["Name"], **self.parameters[request["Name"]]}}
        assert target == "AmazonSSM.PutParameter", target
        return self._put(request)

    def _put(self, request: dict[str, Any]) -> tuple[int, Any]:
        before = self.parameters.get(request["Name"])
        if before and not request["Overwrite"]:
            return 400, {"__type": "ParameterAlreadyExists"}
        version = before["Version"] + 1 if before else 1
        self.parameters[request["Name"]] = _parameter(request["Value"], version)
        return 200, {"Version": version}


def _parameter(value: str, version: int = 1) -> dict[str, Any]:
    return {"Value": value, "Version": version, "Type": "String"}


@contextmanager
def running() -> Iterator[SmallStack]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert "Signature=" in self.headers["Authorization"]
            status, document = stack.answer(self.path, self.headers.get("X-Amz-Target", ""), given)
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stack = SmallStack(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stack
    finally:
        server.shutdown()
        server.server_close()

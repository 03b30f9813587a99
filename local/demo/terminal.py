"""The terminal of the demo: shows commands as a user types them, and runs them."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from rich.console import Console
from rich.markup import escape

from local.cloud import Cloud
from local.settings import REGION, ROOT

COMMAND = Path(sys.executable).parent / "wardrop"


class Terminal:
    """Runs the commands with this process's stdout and stderr.

    In a terminal, commands such as `watch` show live screens.
    """

    def __init__(self, console: Console, cloud: Cloud) -> None:
        self._console = console
        self._url = cloud.outputs["RunCommandUrl"]
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "WARDROP_"))},
            "AWS_ENDPOINT_URL": cloud.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
        }

    def say(self, text: str) -> None:
        self._console.print(f"[bold]{escape(text)}[/]")

    def run(self, *words: str | Path) -> int:
        """Shows and runs a command. Returns its exit code."""
        arguments = [str(word) for word in words]
        self._console.print(f"\n[bold]$ wardrop {escape(shlex.join(arguments))}[/]")
        self._console.file.flush()
        return subprocess.run([COMMAND, *arguments], cwd=ROOT, env=self._environment, check=False).returncode

    def ask(self, **request: str) -> Any:
        """Sends a request that the demo does not show, and returns the response.

        The command is not used for this, because starting its process would take a second.
        """
        body = json.dumps(request)
        signed = AWSRequest("POST", self._url, {"Content-Type": "application/json"}, body.encode())
        SigV4Auth(Credentials("test", "test"), "lambda", REGION).add_auth(signed)
        return json.loads(URLLib3Session().send(signed.prepare()).content)

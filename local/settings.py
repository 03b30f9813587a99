"""The settings and the account of a stand-in cloud."""

import platform
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path

ACCOUNT = "123456789012"
REGION = "us-east-1"
PARTITION = "aws"
STACK = "wardrop"
SLACK_SECRET, WEBHOOK_SECRET = "wardrop/slack", "wardrop/slack-webhook"
ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
FLEETS = ("simulated", "tomcat")
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    port: int = 4566
    speed: float = 60.0
    built: bool = False
    verbose: bool = False
    template: Path = ROOT / "template.yaml"
    fleet: str = "simulated"
    """`simulated`, or `tomcat` for instances that are real Tomcats."""
    parameters: dict[str, str] = field(default_factory=dict)
    """Values of the template's parameters. They override the defaults."""

    @property
    def offered(self) -> dict[str, str]:
        """The stand-in's own defaults for the template's parameters. `parameters` overrides them.

        If the template does not have one of these parameters, its value is ignored.
        """
        return {
            "Architecture": ARCHITECTURE,
            "SettleSeconds": "3",
            "SweepAfterSeconds": "10",
            "SlackChannel": "#wardrop",
            "SlackSecretArn": secret_arn(SLACK_SECRET),
        }

    @property
    def slack(self) -> str:
        return f"http://localhost:{self.port + 1}/slack/"

    @property
    def endpoint(self) -> str:
        # With localhost, botocore puts the name of the bucket into the path. With 127.0.0.1, botocore would not do
        # this.
        return f"http://localhost:{self.port}"


def arn(service: str, resource: str) -> str:
    return f"arn:{PARTITION}:{service}:{REGION}:{ACCOUNT}:{resource}"


def secret_arn(name: str) -> str:
    """Returns the ARN of a secret.

    Secrets Manager appends six random characters to the name, but the stand-in always appends the same six.
    """
    return arn("secretsmanager", f"secret:{name}-a1B2c3")


class CannotStart(Exception):
    """The stand-in cannot start. The message is one line and states the reason."""


def free_port() -> int:
    """Returns a free port. The next port is also free.

    The port is below the range from which Linux chooses ports for outgoing connections, because a port in that range
    could be taken before it is used.
    """
    while True:
        port = 20_000 + 2 * secrets.randbelow(6_000)
        with socket.socket() as first, socket.socket() as second:
            try:
                first.bind(("127.0.0.1", port))
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port

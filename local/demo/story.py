"""The five steps of the demo. Each is a list of commands that a user would type."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from local.cloud import Cloud
from local.demo import wars
from local.demo.slack import channel, is_up_to_date
from local.demo.terminal import Terminal

APPLICATION, STAGING, PROD = "shop", "shop-staging", "shop-prod"
PATIENCE_SECONDS = 60
LOOK_SECONDS = 0.5
ROLLED_BACK = 4
"""The exit code of a command that waited for a deployment, if the deployment was rolled back (docs/command-line.md)."""

CONFIGURATIONS = Path("local/demo")
FAILED_START = (Path(__file__).parent / "failed-start.log").read_text()

T = TypeVar("T")


class NotInTime(Exception):
    """An expected result did not occur within PATIENCE_SECONDS. The message names the result."""


class Unexpected(Exception):
    """A command of the demo ended with an unexpected exit code."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"a command of the demo ended with exit code {exit_code}")
        self.exit_code = exit_code or 1


class Story:
    def __init__(self, terminal: Terminal, cloud: Cloud) -> None:
        self._terminal = terminal
        self._cloud = cloud

    def tell(self, war: Path) -> None:
        """Raises Unexpected or NotInTime. `war` is the version that is deployed first."""
        steps: list[tuple[str, Callable[[], None]]] = [
            (
                f"Drop {war.name} into S3. Wardrop deploys it to {STAGING}, one instance at a time.",
                lambda: self._deploy(war),
            ),
            (f"Approve the version for {PROD}. Wardrop promotes versions that are good in {STAGING}.", self._approve),
            ("Drop a version that cannot answer requests. Wardrop rolls back to the good version.", self._roll_back),
            (
                "Drop a version whose settings replace all instances. Wardrop asks for approval; a user declines.",
                self._decline,
            ),
            ("Delete old versions. Wardrop keeps versions that run or that a rule protects.", self._clean_up),
        ]
        for number, (title, step) in enumerate(steps, 1):
            self._terminal.say(f"\nStep {number} of {len(steps)}. {title}")
            step()
        self._show_slack()

    def _deploy(self, war: Path) -> None:
        self._run("config", "push", CONFIGURATIONS / "shop.yaml", "--app", APPLICATION)
        self._run("drop", war, "--app", APPLICATION, "--wait")

    def _approve(self) -> None:
        label = self._awaiting_approval(PROD)
        self._run("approve", PROD, label, "--wait")
        self._run("status")

    def _roll_back(self) -> None:
        fault = {"fault": "deployment-log", "environment": STAGING, "text": FAILED_START}
        self._cloud.control("POST", "/faults", fault)
        self._run("drop", wars.BROKEN.path, "--env", STAGING, "--wait", expected=ROLLED_BACK)

    def _decline(self) -> None:
        self._configure("guarded.yaml")
        self._run("drop", wars.REPLACING.path, "--env", STAGING)
        label = self._awaiting_approval(STAGING)
        self._run("status", STAGING)
        self._run("decline", STAGING, label, "--because", "the service must stay up")
        self._run("history", STAGING)

    def _clean_up(self) -> None:
        self._configure("keep-little.yaml")
        self._run("clean", "--dry-run")
        before = len(self._versions())
        self._run("clean", "--yes")
        self._wait("the clean-up", lambda: len(self._versions()) < before or None)

    def _show_slack(self) -> None:
        self._wait("Slack", lambda: is_up_to_date(self._cloud) or None)
        self._terminal.say("\nSlack's #wardrop:")
        for line in channel(self._cloud):
            print(line)

    def _configure(self, document: str) -> None:
        """Replaces the stored document."""
        self._run("config", "push", CONFIGURATIONS / document, "--app", APPLICATION, "--yes")

    def _run(self, *words: str | Path, expected: int = 0) -> None:
        code = self._terminal.run(*words)
        if code != expected:
            raise Unexpected(code)

    def _awaiting_approval(self, environment: str) -> str:
        """Returns the label of the version that waits for an approval."""

        def label() -> str | None:
            [status] = self._terminal.ask(command="status", of=environment)["environments"]
            waiting = (each["label"] for each in status["deployments"] if each["state"] == "awaiting_approval")
            return next(waiting, None)

        return self._wait(f"a deployment to {environment} that waits for approval", label)

    def _versions(self) -> list[Any]:
        api = self._cloud.client("elasticbeanstalk")
        versions: list[Any] = api.describe_application_versions(ApplicationName=APPLICATION)["ApplicationVersions"]
        return versions

    def _wait(self, subject: str, look: Callable[[], T | None]) -> T:
        """Waits until `look` returns a result."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            result = look()
            if result is not None:
                return result
            time.sleep(LOOK_SECONDS)
        raise NotInTime(f"{subject}: no result within {PATIENCE_SECONDS} s")

"""The five steps of the demo, with the commands that a user would type."""

import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from local.demo.user import Bundle, User, example_war
from local.demo.view import APPLICATION, PROD, STAGING, View, Watcher
from wardrop.deployments.state import State

PATIENCE_SECONDS = 120
LOOK_SECONDS = 0.25
EXIT_CODES = {State.SUCCEEDED: 0, State.FAILED: 3, State.ROLLED_BACK: 4, State.SUPERSEDED: 6, State.DECLINED: 6}
REJECTED, STILL_RUNNING = 5, 7
CONFIGURATION = "environments: [{name: shop-staging, bake: 2s}, {name: shop-prod, bake: 2s}]"
"""The demo reduces the bake time to two seconds. The default is two minutes."""
GUARDED = "environments: [{name: shop-staging, bake: 2s, guard: abort}, {name: shop-prod, bake: 2s}]"
ANOTHER_KEY = "option_settings:\n  aws:autoscaling:launchconfiguration:\n    EC2KeyName: ops\n"
"""Another SSH key is a new launch template, so Beanstalk replaces every instance."""

KEEP_LITTLE = "versions: {keep_last: 0, keep_for: 0s, keep_good_per_environment: 1}"

T = TypeVar("T")


class Narrator(Protocol):
    """Shows the demo to the person who runs it."""

    def begin(self, step: int, environment: str) -> None:
        """A step begins. It concerns this environment."""

    def command(self, line: str) -> None:
        """Shows a shell command of the user."""

    def answer(self, kind: str, text: str) -> None:
        """Shows the answer to a command."""

    def table(self, rows: list[tuple[str, ...]]) -> None:
        """The first row contains the column titles."""

    def show(self, view: View) -> None: ...

    def end(self, view: View) -> None:
        """The step ends."""

    def finish(self, view: View) -> None:
        """The last step has ended."""


class NotInTime(Exception):
    """The demo waited PATIENCE_SECONDS for a result without success."""


class Story:
    def __init__(self, user: User, watcher: Watcher, narrator: Narrator) -> None:
        self._user = user
        self._watcher = watcher
        self._narrator = narrator

    def run(self, bundle: Bundle) -> int:
        """Returns an exit code."""
        try:
            return next((code for code in (step() for step in self._steps(bundle)) if code), 0)
        except NotInTime:
            return STILL_RUNNING

    def _steps(self, bundle: Bundle) -> list[Callable[[], int]]:
        return [
            lambda: self._deploy(bundle),
            self._approve,
            self._roll_back,
            self._decline,
            self._clean_up,
            self._finish,
        ]

    def _deploy(self, bundle: Bundle) -> int:
        self._narrator.begin(1, STAGING)
        self._narrator.command(self._user.configure(APPLICATION, CONFIGURATION))
        return self._drop(bundle, APPLICATION)

    def _approve(self) -> int:
        self._narrator.begin(2, PROD)
        return self._decide("approve", PROD)

    def _roll_back(self) -> int:
        self._narrator.begin(3, STAGING)
        self._user.fail(STAGING)
        code = self._drop(example_war("shop-2.war", answers=False), f"{APPLICATION}/{STAGING}")
        return 0 if code == EXIT_CODES[State.ROLLED_BACK] else 1

    def _decline(self) -> int:
        """The bundle of the version has settings that replace the instances, and the guard holds it."""
        self._narrator.begin(4, STAGING)
        self._narrator.command(self._user.configure(APPLICATION, GUARDED))
        drop = self._user.drop(
            example_war("shop-3.war", answers=True, settings=ANOTHER_KEY), f"{APPLICATION}/{STAGING}"
        )
        self._narrator.command(drop.command)
        code = self._decide("decline", STAGING)
        return 0 if code == EXIT_CODES[State.DECLINED] else 1

    def _decide(self, command: str, environment: str) -> int:
        """Waits until a deployment asks for approval. Returns an exit code."""
        deployment = self._wait(
            lambda view: next(
                (each for each in view.environments[environment].deployments if each.state is State.AWAITING_APPROVAL),
                None,
            )
        )
        answer = self._ask(command=command, environment=environment, label=deployment.label)
        self._narrator.answer("answer", answer.get("text") or answer["reason"])
        return self._follow(deployment.id)

    def _clean_up(self) -> int:
        self._narrator.begin(5, STAGING)
        self._narrator.command(self._user.configure(APPLICATION, f"{CONFIGURATION}\n{KEEP_LITTLE}"))
        plan = self._ask(command="clean", dry_run=True)["decisions"]
        rows = [(each["label"], each["action"], each["reason"]) for each in plan]
        self._narrator.table([("version", "action", "reason"), *rows])
        self._narrator.answer("answer", self._ask(command="clean")["text"])
        alerts = self._wait(lambda _: self._watcher.cleanup_alerts() or None)
        self._narrator.answer("alert", alerts[-1])
        return 0

    def _drop(self, bundle: Bundle, folder: str) -> int:
        """Returns an exit code."""
        drop = self._user.drop(bundle, folder)
        self._narrator.command(drop.command)

        def reported(_: View) -> dict[str, str] | None:
            tags = self._user.tags(drop)
            return tags if "wardrop-status" in tags else None

        tags = self._wait(reported)
        if tags["wardrop-status"] == "rejected":
            self._narrator.answer("rejected", tags["wardrop-reason"])
            return REJECTED
        deployment_id, *_ = tags.get("wardrop-deployment", "none").split()
        if deployment_id == "none":
            self._narrator.answer("accepted", "there is nothing to deploy")
            return 0
        return self._follow(deployment_id)

    def _follow(self, deployment_id: str) -> int:
        """Waits for the end of a deployment. Returns an exit code."""

        def ended(view: View) -> State | None:
            deployment = view.deployment(deployment_id)
            return None if deployment is None or deployment.is_active else deployment.state

        state = self._wait(ended)
        self._narrator.end(self._watcher.look())
        return EXIT_CODES.get(state, 1)

    def _finish(self) -> int:
        """Ends the demo after the last message has reached Slack."""
        self._wait(lambda _: self._watcher.is_slack_up_to_date() or None)
        self._narrator.finish(self._watcher.look())
        return 0

    def _ask(self, **request: Any) -> dict[str, Any]:
        """Sends a command to the function URL, as any caller that IAM allows can."""
        self._narrator.command(self._user.curl(request))
        return self._user.send(request)

    def _wait(self, look: Callable[[View], T | None]) -> T:
        """Shows the current view until `look` returns a result. Raises NotInTime."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            view = self._watcher.look()
            self._narrator.show(view)
            result = look(view)
            if result is not None:
                return result
            time.sleep(LOOK_SECONDS)
        raise NotInTime

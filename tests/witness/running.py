"""Carries out a scenario and records it."""

import math
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.witness.account import ONCE, Account
from tests.witness.recording import Record, Recording, search, shape
from tests.witness.scenario import Scenario, Step, filled, option_settings
from tests.witness.site import TAG, Site
from tests.witness.watching import INTERVAL, SETTLING, Bus, Environment, Look, TooLong, is_same

PATIENCE = 2.5
"""A step may take this many times its estimate."""

STALE = 60
"""AWS's seconds during which a look may still show the status from before the call."""

THROTTLED = ("Throttling", "ThrottlingException", "RequestLimitExceeded")

AGAIN = 120
"""AWS's seconds for which a call is repeated."""


class Run:
    """One scenario with its environment."""

    def __init__(self, account: Account, site: Site, bus: Bus, name: str, scenario: Scenario) -> None:
        self._account, self._site, self._bus, self._clock = account, site, bus, account.clock
        self._name, self._scenario = name, scenario
        self._beanstalk = account.client("elasticbeanstalk", config=ONCE)
        self.environment = f"{site.name}-{name}" if scenario.instances else None
        self._watched = Environment(account, self.environment or "")
        self._requests: dict[str, str] = {}
        self._calls: dict[str, str] = {}
        self._id = ""
        self._records: list[Record] = []

    @property
    def names(self) -> dict[str, str]:
        """The names in braces that steps use."""
        owner = self._account.identity[0]
        partition = self._account.identity[1].split(":")[1]
        return {
            "application": self._site.name,
            "environment": self.environment or "",
            "bucket": self._site.name,
            "storage": f"elasticbeanstalk-{self._account.region}-{owner}",
            "arn": f"arn:{partition}:elasticbeanstalk:{self._account.region}:{owner}",
            "platform": self._site.platform,
            "id": self._id,
            "long": "x" * 201,
        }

    @property
    def masks(self) -> dict[str, str]:
        """The literal texts to mask in the recording, with their masks."""
        requests = {request: f"request of {step}" for request, step in self._calls.items()}
        return {self._site.name: "witness", self._account.identity[0]: "ACCOUNT", **requests}

    def recording(self) -> Recording:
        """Carries out the steps, and returns their records. A step that fails ends the scenario. Raises Interrupted."""
        about = {
            "scenario": self._name,
            "source": self._account.source,
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "region": self._account.region,
            "platform": self._site.platform,
        }
        ended = None
        try:
            for step in self._scenario.steps:
                self._records.append(self._record(step))
        except (TooLong, BotoCoreError, ClientError) as error:
            ended = str(error)
        if self.environment is None:
            self._clock.pause(SETTLING)
            self._records.append(
                {"step": "bus", "call": "bus", "bus": [_envelope(each) for each in self._bus.take(None)]}
            )
        return about | {"ended": ended, "steps": self._records}

    def _record(self, step: Step) -> Record:
        if step.once is not None:
            self._await_event(step)
        record = {"step": step.step, "call": step.call, **self._called(step)}
        if step.until is None:
            return record
        record["looks"] = self._looks(step) if "error" not in record else []
        self._clock.pause(SETTLING)
        record["events"] = self._events()
        record["bus"] = [_envelope(each) for each in self._bus.take(self.environment)]
        self._requests = {}
        return record

    def _called(self, step: Step) -> Record:
        given = filled(step.given, self.names)
        if step.call == "create_environment":
            given = self._creation() | given
        if step.call.startswith("create_"):
            given["Tags"] = [{"Key": TAG, "Value": self._site.name}]
        until = self._clock.limit(AGAIN)
        while True:
            called = self._call(step, given)
            if not self._is_repeated(step, called):
                return {"given": given, **called}
            if self._clock.seconds() > until:
                return {"given": given, **called, "again": "in vain"}
            self._clock.pause(INTERVAL)

    def _is_repeated(self, step: Step, called: Record) -> bool:
        """A throttled call has had no effect. A creation may be refused until the new instance profile is known."""
        if code := called.get("error", {}).get("Code"):
            return code in THROTTLED or (step.call == "create_environment" and step.until is not None)
        return step.again is not None and not search(step.again, called["answer"])

    def _creation(self) -> dict[str, Any]:
        settings = filled(
            option_settings(self._scenario),
            {
                "profile": self._site.instance_profile,
                "role": self._site.service_role,
                "instances": str(self._scenario.instances),
            },
        )
        return {
            "ApplicationName": self._site.name,
            "EnvironmentName": self.environment,
            "SolutionStackName": self._site.platform,
            "OptionSettings": settings,
        }

    def _call(self, step: Step, given: dict[str, Any]) -> Record:
        service, _, operation = step.call.rpartition(".")
        client = self._account.client(service) if service else self._beanstalk
        try:
            answer = getattr(client, operation)(**given)
        except ClientError as error:
            return {
                "error": {**error.response["Error"], "Status": error.response["ResponseMetadata"]["HTTPStatusCode"]}
            }
        metadata = answer.pop("ResponseMetadata")
        if not service:
            self._requests[metadata["RequestId"]] = self._calls[metadata["RequestId"]] = step.step
        self._id = answer.get("EnvironmentId", self._id)
        return {"shape": shape(answer), "answer": search(step.keep, answer)}

    def _await_event(self, step: Step) -> None:
        until = self._clock.limit(PATIENCE * 60 * max(step.minutes, 10))
        while not self._watched.has_event(step.once or ""):
            if self._clock.seconds() > until:
                raise TooLong(f"no event has the text {step.once}")
            self._clock.pause(INTERVAL)

    def _looks(self, step: Step) -> list[Look]:
        """The answers of the API until the environment has the status. Equal answers are recorded once."""
        began, looks = self._clock.seconds(), list[Look]()
        until = self._clock.limit(PATIENCE * 60 * step.minutes)
        while True:
            look = self._watched.look()
            at = self._clock.seconds() - began
            if not looks or not is_same(look, looks[-1]):
                looks.append({"at": math.floor(at), **look})
            if self._is_over(step, look, at, looks):
                return looks
            if self._clock.seconds() > until:
                raise TooLong(f"step {step.step}: the environment is {look['Status']} after {at:.0f} s")
            self._clock.pause(INTERVAL)

    def _is_over(self, step: Step, look: Look, at: float, looks: list[Look]) -> bool:
        """A terminated environment may not be listed any more. The first looks may show the status before the call."""
        has_changed = at > STALE or len({each["Status"] for each in looks}) > 1
        is_gone = step.until == "Terminated" and look["Status"] is None
        return has_changed and (is_gone or look["Status"] == step.until)

    def _events(self) -> list[dict[str, Any]]:
        """The new events. `of` is the step whose call has the RequestId, and `at` the seconds since the first event."""
        new = self._watched.new_events()
        return [
            {
                "at": round((each["EventDate"] - new[0]["EventDate"]).total_seconds() * self._clock.speed),
                "severity": each["Severity"],
                "message": each["Message"],
                "of": self._requests.get(each["RequestId"], "another call") if "RequestId" in each else None,
            }
            for each in new
        ]


def _envelope(event: dict[str, Any]) -> dict[str, Any]:
    detail = event["detail"]
    kept = {name: detail.get(name) for name in ("Status", "Message", "Severity")}
    return {"detail-type": event["detail-type"], "shape": shape(event), **kept}

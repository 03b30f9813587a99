"""Measures a plan that sets all options of an environment: the number of calls, and the time without the calls."""

import json
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from bench.figure import Figure, of_runs
from local.cloud import Cloud
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.aws.option_settings import OptionSettings
from wardrop.commands.answers import Effects
from wardrop.commands.plan_settings import SettingsPlanner
from wardrop.commands.requests import PlanSettings, parse
from wardrop.environments.option import ENVIRONMENT_PROPERTIES, written

ENVIRONMENT = "shop-prod"
PROPERTIES = 300
RUNS = 9
MOST_CALLS, MOST_MILLISECONDS = 4, 100


def figures() -> Iterator[Figure]:
    with Cloud(speed=60) as cloud:
        api = cloud.client("elasticbeanstalk")
        waiting = _Waiting(api)
        beanstalk, ledger = Beanstalk(api), Ledger(Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"]))
        body = _request(beanstalk)
        runs = []
        for _ in range(RUNS):
            waiting.calls, waiting.seconds = 0, 0.0
            started = time.perf_counter()
            request = parse(body)
            assert isinstance(request, PlanSettings), request
            environment = beanstalk.environments([request.environment])[request.environment]
            answer = SettingsPlanner(beanstalk, OptionSettings(api), ledger)(request, environment)
            msgspec.json.encode(answer)
            runs.append((waiting.calls, (time.perf_counter() - started - waiting.seconds) * 1000))
            assert isinstance(answer, Effects), answer
            count, note = len(answer.changes), answer.sentence
    yield of_runs(f"a plan over {count} options: calls", [calls for calls, _ in runs], MOST_CALLS, "")
    yield of_runs("  time without the calls", [own for _, own in runs], MOST_MILLISECONDS, "ms", note)


class _Waiting:
    """Counts the calls of a client, and adds up the time that the client waits for responses."""

    def __init__(self, client: Any) -> None:
        self.calls, self.seconds, self._sent = 0, 0.0, 0.0
        client.meta.events.register("before-send", self._begin)
        client.meta.events.register("response-received", self._end)

    def _begin(self, **_: Any) -> None:
        self.calls += 1
        self._sent = time.perf_counter()

    def _end(self, **_: Any) -> None:
        self.seconds += time.perf_counter() - self._sent


def _request(beanstalk: Beanstalk) -> bytes:
    """Makes the largest request that is likely: a new value for every option."""
    in_force = beanstalk.settings("shop", ENVIRONMENT)
    settings = [f"{written(option)}={_other(value)}" for option, value in in_force.items()]
    settings += [f"{ENVIRONMENT_PROPERTIES}:NAME_{number}=value-{number}" for number in range(PROPERTIES)]
    return json.dumps({"command": "plan", "environment": ENVIRONMENT, "settings": settings}).encode()


def _other(value: str) -> str:
    return {"true": "false", "false": "true"}.get(value, f"{value}1")

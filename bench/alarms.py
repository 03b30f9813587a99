"""Measures the time from a CloudWatch alarm's change to ALARM until the call that rolls the version back."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from bench.calls import war
from bench.detection import create
from bench.figure import Figure, of_runs
from local.cloud import Cloud
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State

SPEED = 6
TICK_SECONDS = 60 / SPEED
NAMES = [f"alarmed-{number}" for number in range(6)]
PATIENCE_SECONDS, SECONDS_APART = 240, 1.5


def figures() -> Iterator[Figure]:
    """Measures with the alarms' events, and then without them, so that only the scheduled runs notice the alarms."""
    with Cloud(speed=SPEED) as cloud:
        create(cloud, NAMES)
        bench = Bench(cloud)
        bench.deploy(number=0, bake="0s", state=State.SUCCEEDED)
        bench.deploy(number=1, bake="1d", state=State.BAKING)
        by_event = bench.raise_alarms()
        bench.deploy(number=2, bake="1d", state=State.BAKING)
        cloud.client("events").disable_rule(Name=cloud.resources["AlarmRaised"]["ref"])
        by_tick = bench.raise_alarms()
    yield of_runs("from an alarm to the start of the rollback, if the alarm's event arrives", by_event, 3, "s")
    note = f"the schedule runs every {TICK_SECONDS:.0f} s here, on AWS every 60 s"
    yield of_runs("  without the event, at the next scheduled run", by_tick, TICK_SECONDS + 3, "s", note)


class Bench:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud, self._cloudwatch = cloud, cloud.client("cloudwatch")
        self._ledger = Ledger(Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"]))
        for name in NAMES:
            self._cloudwatch.put_metric_alarm(
                AlarmName=f"{name}-5xx",
                Namespace="AWS/ApplicationELB",
                MetricName="HTTPCode_Target_5XX_Count",
                Statistic="Sum",
                Period=60,
                EvaluationPeriods=1,
                Threshold=5,
                ComparisonOperator="GreaterThanThreshold",
            )

    def deploy(self, number: int, bake: str, state: State) -> None:
        """Deploys a version to every environment, and waits until all deployments have this state."""
        entries = (f"{{name: {name}, bake: {bake}, approval: none, alarms: [{name}-5xx]}}" for name in NAMES)
        document = f"environments: [[{', '.join(entries)}]]"
        parameter = "/wardrop/applications/shop"
        self._cloud.client("ssm").put_parameter(Name=parameter, Value=document, Type="String", Overwrite=True)
        for index, name in enumerate(NAMES):
            self._set_alarm(name, "OK")
            key = f"shop/{name}/{name}-{number}.war"
            body = war(100 * number + index)
            self._cloud.client("s3").put_object(Bucket=self._cloud.outputs["DropBucket"], Key=key, Body=body)
        for name in NAMES:
            self._wait(name, f"{name}-{number}", state)

    def raise_alarms(self) -> list[float]:
        """Waits until all rollbacks have ended.

        Returns the seconds from each alarm to the call of UpdateEnvironment.
        """
        raised_at = {}
        labels = {name: self._ledger.environments.read(name).deployments[0].label for name in NAMES}
        for name in NAMES:
            raised_at[name] = datetime.now(UTC)
            self._set_alarm(name, "ALARM")
            time.sleep(SECONDS_APART)
        ended = [self._wait(name, labels[name], State.ROLLED_BACK) for name in NAMES]
        return [(_claimed_at(one) - raised_at[one.environment]).total_seconds() for one in ended]

    def _wait(self, name: str, label: str, state: State) -> Deployment:
        def look() -> Deployment | None:
            environments = self._ledger.environments
            deployments = [*environments.read(name).deployments, *environments.history(name, 1)]
            return next((one for one in deployments if (one.label, one.state) == (label, state)), None)

        deployment = self._cloud.eventually(look, PATIENCE_SECONDS)
        assert deployment is not None
        return deployment

    def _set_alarm(self, name: str, state: str) -> None:
        self._cloudwatch.set_alarm_state(AlarmName=f"{name}-5xx", StateValue=state, StateReason="12 errors.")


def _claimed_at(deployment: Deployment) -> datetime:
    """Returns the time of the claim, which is written immediately before UpdateEnvironment is called."""
    assert deployment.update is not None
    return deployment.update.claimed_at

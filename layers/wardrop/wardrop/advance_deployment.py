"""One look at one environment, and the step that it allows, carried out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar, assert_never

import msgspec

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles
from wardrop.aws.ledger import Ledger, Now
from wardrop.aws.mailbox import Mailbox, WakeUp
from wardrop.domain import alert, lifecycle
from wardrop.domain.deployment import Claim, Deployment, Good, Moment, Standing, State
from wardrop.domain.environment import Environment, Observed
from wardrop.domain.lifecycle import Adopt, Deploy, End, Recheck, Requeue, Step, Wait
from wardrop.errors import NotNow, Refused

FRESH = timedelta(seconds=10)
"""What a wake-up saw may be this old and still stand for the present, except where a deployment starts."""

KEPT_GOOD = 20
KEPT_MOMENTS = 200

Record = TypeVar("Record", Deployment, Standing)


@dataclass(frozen=True)
class Look:
    """What a look led to, for the log and the metrics."""

    label: str | None
    step: Step | None
    reason: str


@dataclass(frozen=True)
class AdvanceDeployment:
    beanstalk: Beanstalk
    bundles: Bundles
    ledger: Ledger
    mailbox: Mailbox
    settle: timedelta

    def __call__(self, environment: str, wake_ups: Sequence[WakeUp], now: datetime) -> Look:
        """Take one step. Raises NotNow where only time can help, and Outdated if somebody else took one."""
        known = self.ledger.now(environment)
        known = self._supersede(known, now)
        deployment = next(
            (one for one in known.deployments if one.state is not State.QUEUED), None
        ) or lifecycle.next_in_line(known.deployments)
        if deployment is None:
            return Look(None, None, "there is no active deployment")
        observed = self._observe(deployment, wake_ups, now)
        step = lifecycle.advance(deployment, observed, self.settle, now)
        self._carry_out(step, deployment, known, observed, now)
        return Look(deployment.label, step, step.reason)

    def _supersede(self, known: Now, now: datetime) -> Now:
        waiting = [one for one in known.deployments if one.state is State.QUEUED]
        ended = [
            _moved(deployment, end.state, end.reason, now)
            for deployment, end in lifecycle.superseded(waiting, known.standing)
        ]
        for deployment in ended:
            self.ledger.change([deployment], [alert.of(deployment)])
        gone = {deployment.id for deployment in ended}
        return Now(known.standing, [one for one in known.deployments if one.id not in gone])

    def _observe(self, deployment: Deployment, wake_ups: Sequence[WakeUp], now: datetime) -> Observed:
        """As few calls as the deployment's state needs: most looks find the environment still Updating."""
        starting = deployment.state is State.QUEUED
        environment = None if starting else _seen(wake_ups, now)
        if environment is None:
            environment = self.beanstalk.environments([deployment.environment]).get(deployment.environment)
        if environment is None:
            return Observed(None)
        unanswered = deployment.state is State.DEPLOYING and deployment.request_id is None
        if not environment.is_ready and not unanswered:
            return Observed(environment)
        events = (
            self.beanstalk.events(environment.name, deployment.claim.environment_updated_at)
            if deployment.claim is not None
            else []
        )
        instances = self.beanstalk.instances(environment.name) if environment.reports_instances else None
        return Observed(environment, events, instances)

    def _carry_out(self, step: Step, deployment: Deployment, known: Now, observed: Observed, now: datetime) -> None:
        match step:
            case Deploy():
                self._deploy(deployment, known, observed, step.reason, now)
            case Adopt():
                self.ledger.change([_moved(deployment, State.DEPLOYING, step.reason, now, request_id=step.request_id)])
            case Requeue():
                requeued = _moved(deployment, State.QUEUED, step.reason, now, claim=None, request_id=None)
                self.ledger.change([requeued], [alert.of(requeued, alert.Kind.DEPLOYMENT_WAITING)])
            case Recheck():
                self.ledger.change(
                    [
                        _changed(
                            deployment,
                            reason=step.reason,
                            unacceptable_since=step.since,
                            unacceptable_looks=step.looks,
                        )
                    ]
                )
            case End():
                self._end(deployment, known, observed, step, now)
            case Wait():
                self._wait(deployment, step.reason, now)
            case _:
                assert_never(step)

    def _wait(self, deployment: Deployment, reason: str, now: datetime) -> None:
        """Why a deployment waits is told when it changes; that one goes on is nothing to tell."""
        if deployment.state is State.QUEUED and reason != deployment.reason:
            waiting = _moved(deployment, State.QUEUED, reason, now)
            self.ledger.change([waiting], [alert.of(waiting, alert.Kind.DEPLOYMENT_WAITING)])

    def _deploy(self, deployment: Deployment, known: Now, observed: Observed, reason: str, now: datetime) -> None:
        """Claim first, call second: if this stops in between, the next look finds out what became of it."""
        environment = observed.environment
        if environment is None:
            raise ValueError("nothing to deploy to")
        if wrong := self.bundles.prove(deployment.release):
            self._end(
                deployment,
                known,
                observed,
                End(State.FAILED, f"{deployment.label} cannot be deployed: {wrong}"),
                now,
            )
            return
        claim = Claim(
            at=now,
            environment_id=environment.id,
            environment_updated_at=environment.updated_at,
            deployment_id=max((one.deployment_id for one in observed.instances or ()), default=0),
            health=environment.health,
            version_label=environment.version_label,
        )
        claimed = _moved(deployment, State.DEPLOYING, reason, now, claim=claim, request_id=None)
        standing = _changed(known.standing, newest=deployment.arrival)
        self.ledger.change([claimed], [alert.of(claimed)], standing)
        try:
            request_id = self.beanstalk.update(environment.id, deployment.label)
        except NotNow as error:
            queued = _moved(claimed, State.QUEUED, error.reason, now, claim=None)
            self.ledger.change([queued], [alert.of(queued, alert.Kind.DEPLOYMENT_WAITING)])
            raise
        except Refused as error:
            known = Now(standing, known.deployments)
            self._end(claimed, known, observed, End(State.FAILED, f"Beanstalk refused: {error.reason}"), now)
        else:
            self.ledger.change([_changed(claimed, request_id=request_id)])

    def _end(self, deployment: Deployment, known: Now, observed: Observed, end: End, now: datetime) -> None:
        ended = _moved(deployment, end.state, end.reason, now)
        standing = None
        if end.state is State.SUCCEEDED and observed.environment is not None:
            standing = _proven(known.standing, deployment, observed.environment, now)
        self.ledger.change([ended], [alert.of(ended)], standing)
        if len(known.deployments) > 1:
            self.mailbox.wake([WakeUp(environment=deployment.environment, cause=f"after/{deployment.id}")])


def _seen(wake_ups: Sequence[WakeUp], now: datetime) -> Environment | None:
    """The newest of what the wake-ups saw, if it is fresh."""
    seen = [(one.seen_at, one.seen) for one in wake_ups if one.seen_at and one.seen and now - one.seen_at <= FRESH]
    return max(seen, key=lambda pair: pair[0])[1] if seen else None


def _proven(standing: Standing, deployment: Deployment, environment: Environment, now: datetime) -> Standing:
    good = Good(
        label=deployment.label,
        at=now,
        environment_id=environment.id,
        platform=environment.platform,
        release=deployment.release,
    )
    older = [one for one in standing.good if one.label != deployment.label]
    return _changed(standing, good=[good, *older][:KEPT_GOOD])


def _moved(deployment: Deployment, state: State, reason: str, now: datetime, **changes: object) -> Deployment:
    history = [*deployment.history, Moment(now, state, reason)][-KEPT_MOMENTS:]
    return _changed(deployment, state=state, reason=reason, history=history, **changes)


def _changed(record: Record, **changes: object) -> Record:
    return msgspec.structs.replace(record, revision=record.revision + 1, **changes)

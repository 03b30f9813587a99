"""One look at one environment, and the step that it allows, carried out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from msgspec.structs import replace

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

JUST_MADE = timedelta(minutes=5)
"""For so long nobody has to ask whether Beanstalk's version is still the one that was made."""

KEPT_GOOD = 20
KEPT_MOMENTS = 200


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
        ended = lifecycle.superseded(waiting, known.standing)
        for deployment, end in ended:
            moved = _moved(deployment, end.state, end.reason, now)
            self.ledger.change(moved, [alert.of(moved)])
        gone = {deployment.id for deployment, _ in ended}
        return Now(known.standing, [one for one in known.deployments if one.id not in gone])

    def _observe(self, deployment: Deployment, wake_ups: Sequence[WakeUp], now: datetime) -> Observed:
        """As few calls as the deployment's state needs: most looks find the environment still Updating."""
        environment = _seen(wake_ups, deployment.claim.at, now) if deployment.claim else None
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
                adopted = _moved(deployment, State.DEPLOYING, step.reason, now, request_id=step.request_id)
                self.ledger.change(adopted, [alert.of(adopted)])
            case Requeue():
                void = replace(deployment, claim=None, unanswered=deployment.unanswered + 1)
                self._wait(void, step.reason, now)
            case Recheck():
                self.ledger.change(
                    replace(
                        deployment,
                        reason=step.reason,
                        absent_since=step.absent_since,
                        unacceptable_since=step.unacceptable_since,
                        unacceptable_looks=step.unacceptable_looks,
                    )
                )
            case End():
                self._end(deployment, known, observed, step, now)
            case Wait():
                if deployment.state is State.QUEUED and step.reason != deployment.reason:
                    self._wait(deployment, step.reason, now)
            case _:
                assert_never(step)

    def _wait(self, deployment: Deployment, reason: str, now: datetime) -> None:
        waiting = _moved(deployment, State.QUEUED, reason, now)
        self.ledger.change(waiting, [alert.of(waiting, alert.Kind.DEPLOYMENT_WAITING)])

    def _deploy(self, queued: Deployment, known: Now, observed: Observed, reason: str, now: datetime) -> None:
        """Claim first, call second: if this stops in between, the next look finds out what became of it."""
        environment = observed.environment
        if environment is None:
            raise ValueError("nothing to deploy to")
        if wrong := self._disproof(queued, now):
            end = End(State.FAILED, f"{queued.label} cannot be deployed: {wrong}")
            self._end(queued, known, observed, end, now)
            return
        claim = Claim(
            at=now,
            environment_id=environment.id,
            environment_updated_at=environment.updated_at,
            deployment_id=max((one.deployment_id for one in observed.instances or ()), default=0),
            health=environment.health,
            version_label=environment.version_label,
            reports_instances=environment.reports_instances,
        )
        claimed = self.ledger.change(
            _moved(queued, State.DEPLOYING, reason, now, claim=claim),
            standing=replace(known.standing, newest=queued.arrival),
        )
        try:
            request_id = self.beanstalk.update(environment.id, queued.label)
        except NotNow as error:
            # Nothing has begun: the history need not tell of each try, only of another reason to wait.
            back = replace(claimed, state=State.QUEUED, claim=None, reason=queued.reason, history=queued.history)
            if error.reason == queued.reason:
                self.ledger.change(back)
            else:
                self._wait(back, error.reason, now)
            raise
        except Refused as error:
            end = End(State.FAILED, f"Beanstalk refused: {error.reason}")
            self._end(claimed, known, observed, end, now)
        else:
            self.ledger.change(replace(claimed, request_id=request_id), [alert.of(claimed)])

    def _disproof(self, queued: Deployment, now: datetime) -> str | None:
        """Why the label no longer stands for the bytes that were dropped, if so."""
        release = queued.release
        if wrong := self.bundles.prove(release):
            return wrong
        if now - queued.history[0].at < JUST_MADE:
            return None
        if self.beanstalk.stands_for(queued.application, queued.label, release.bucket, release.key):
            return None
        return f"in Beanstalk {queued.label} does not stand for its bundle {release.place} any more"

    def _end(self, deployment: Deployment, known: Now, observed: Observed, end: End, now: datetime) -> None:
        ended = _moved(deployment, end.state, end.reason, now)
        standing = None
        if end.state is State.SUCCEEDED and observed.environment is not None:
            standing = _proven(known.standing, deployment, observed.environment, now)
        self.ledger.change(ended, [alert.of(ended)], standing)
        if len(known.deployments) > 1:
            self.mailbox.wake([WakeUp(environment=deployment.environment, cause=f"after/{deployment.id}")])


def _seen(wake_ups: Sequence[WakeUp], since: datetime, now: datetime) -> Environment | None:
    """The newest of what the wake-ups saw, if it is fresh and not from before the claim."""
    oldest = max(since, now - FRESH)
    seen = [(one.seen_at, one.seen) for one in wake_ups if one.seen and one.seen_at and one.seen_at > oldest]
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
    return replace(standing, good=[good, *older][:KEPT_GOOD])


def _moved(deployment: Deployment, state: State, reason: str, now: datetime, **changes: object) -> Deployment:
    history = [*deployment.history, Moment(now, state, reason)][-KEPT_MOMENTS:]
    return replace(deployment, state=state, reason=reason, history=history, **changes)

"""What a person asks for, checked against what stands, and recorded with who asked."""

from dataclasses import dataclass, replace
from typing import assert_never

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.clean_ups import CleanUps
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.marks import Marks, Pinnable
from wardrop.aws.mailbox import Mailbox, WakeUp
from wardrop.commands import intervention, wish
from wardrop.commands import requests as command
from wardrop.commands.place import Change, Place
from wardrop.commands.requests import (
    Approve,
    Cancel,
    Clean,
    Decline,
    Deploy,
    Deployments,
    Done,
    Environments,
    History,
    Pause,
    Pin,
    Refusal,
    Reply,
    Request,
    Resume,
    Rollback,
    Status,
    ToEnvironment,
    Unpin,
    Why,
)
from wardrop.configuration.load import Configurations
from wardrop.configuration.principal import Caller
from wardrop.deployments import change as deployments_change
from wardrop.deployments.record import EnvironmentRecord as Now
from wardrop.environments.model import Environment
from wardrop.errors import NotNow, Outdated
from wardrop.versions.plan import Plan

TRIES = 4
"""Somebody else may write to the ledger between our look and our change."""

INSTANCES_OF = 5
"""Of so many environments at most a status tells what each instance runs, at a call for each."""


@dataclass(frozen=True)
class RunCommand:
    beanstalk: Beanstalk
    ledger: Ledger
    mailbox: Mailbox
    configurations: Configurations
    marks: Marks
    clean_ups: CleanUps

    def __call__(self, request: Request, caller: Caller) -> Reply:
        try:
            match request:
                case Status():
                    return self._status(request)
                case History():
                    return self._history(request)
                case Pin() | Unpin():
                    return self._pin(request, caller)
                case Clean():
                    return self._clean(request, caller)
                case _:
                    return self._change(request, caller)
        except NotNow as error:
            return _later(error.reason)

    def _change(self, request: ToEnvironment, caller: Caller) -> Done | Refusal:
        for _ in range(TRIES):
            found = self._decide(request, caller)
            if isinstance(found, Refusal):
                return found
            try:
                self.ledger.write(deployments_change.Change(found.deployments, found.standing, alerts=found.alerts))
            except Outdated:
                continue
            cause = f"command/{caller.at.isoformat()}"
            self.mailbox.wake([WakeUp(environment=request.environment, cause=cause)])
            return Done(text=found.told, deployment=found.queued)
        return _later(f"{request.environment} changes too quickly at the moment")

    def _decide(self, request: ToEnvironment, caller: Caller) -> Change | Refusal:
        name, known = request.environment, self.ledger.now(request.environment)
        environment = self.beanstalk.environments([name]).get(name)
        if environment is None and not known.deployments and not known.standing.revision:
            return _unknown(f"Beanstalk shows no environment {name}, or Wardrop may not see it")
        place = Place(
            name=name,
            standing=known.standing,
            active=known.deployments,
            environment=environment,
            past=self.ledger.history(name),
        )
        match request:
            case Deploy() | Rollback():
                if environment is None:
                    return _unknown(f"Beanstalk does not show {name} any more, or Wardrop may not see it")
                return self._run(request, caller, place, environment)
            case Approve():
                return intervention.approve(request, caller, place)
            case Decline():
                return intervention.decline(request, caller, place)
            case Cancel():
                return intervention.cancel(request, caller, place)
            case Pause():
                return intervention.pause(request, caller, place)
            case Resume():
                return intervention.resume(request, caller, place)
            case _:
                assert_never(request)

    def _run(
        self, request: Deploy | Rollback, caller: Caller, place: Place, environment: Environment
    ) -> Change | Refusal:
        application = environment.application
        wanted = request.label if isinstance(request, Deploy) else request.to
        known = {wanted, environment.version_label, *(one.label for one in place.standing.good)}
        made = self.beanstalk.versions(application, sorted(label for label in known if label))
        if wanted is not None and wanted not in made:
            advice = f"drop its file, or see what has been deployed: history {environment.name}"
            return Refusal(why=Why.UNKNOWN, reason=f"{application} has no version {wanted}", advice=advice)
        rules = self.configurations.in_force(application, caller.at).rules(environment.name)
        if isinstance(request, Deploy):
            version = self.ledger.version(application, request.label)
            return wish.deploy(request, caller, place, environment, rules, version, made)
        if environment.reports_instances:
            place = replace(place, instances=self.beanstalk.instances(environment.name))
        return wish.rollback(request, caller, place, environment, rules, made)

    def _pin(self, request: Pin | Unpin, caller: Caller) -> Done | Refusal:
        application, label = request.application, request.label
        what = f"{label} of {application}"
        own = self.ledger.version(application, label) is not None
        if not own and not self.beanstalk.has_version(application, label):
            return _unknown(f"there is no version {what}, or Wardrop may not see it")
        if isinstance(request, Unpin):
            self.marks.unpin(Pinnable(application, label, own))
            return Done(text=f"{what} is pinned no longer")
        if not self.marks.pin(Pinnable(application, label, own), caller.name, caller.at):
            return _later(f"clean-up is about to delete {what}")
        return Done(text=f"{what} is pinned by {caller.name}; clean-up keeps it")

    def _clean(self, request: Clean, caller: Caller) -> Plan | Done:
        if request.dry_run:
            return self.clean_ups.plan(request.application)
        self.clean_ups.start(caller.name)
        return Done(text="clean-up is started; an alert tells what it has done")

    def _status(self, request: Status) -> Environments | Refusal:
        found = self._asked_for(request.of)
        if request.of is not None and not found:
            return _unknown(f"there is no application and no environment {request.of}, or Wardrop may not see it")
        told = []
        for name, environment in sorted(found.items()):
            known: Now = self.ledger.now(name)
            reports = environment.reports_instances and len(found) <= INSTANCES_OF
            instances = self.beanstalk.instances(name) if reports else None
            told.append(command.shown(environment, instances, known.standing, known.deployments, known.preflight))
        return Environments(environments=told)

    def _history(self, request: History) -> Deployments | Refusal:
        name = request.environment
        found = self.ledger.history(name, request.most)
        if not found and not self.beanstalk.environments([name]):
            return _unknown(f"Beanstalk shows no environment {name}, or Wardrop may not see it")
        return Deployments(environment=name, deployments=[command.going(one, moments=True) for one in found])

    def _asked_for(self, of: str | None) -> dict[str, Environment]:
        if of is None:
            return self.beanstalk.all_environments()
        return self.beanstalk.environments([of]) or self.beanstalk.environments_of(of)


def _unknown(reason: str) -> Refusal:
    return Refusal(why=Why.UNKNOWN, reason=reason, advice="see what there is: status")


def _later(reason: str) -> Refusal:
    return Refusal(why=Why.LATER, reason=reason, advice="ask again in a moment")

"""Plans the effect of proposed settings. Nothing is changed.

A plan takes at most four calls to Beanstalk. They read the environment, its settings, the validation of the proposal,
and the descriptions of the options. The caller of the planner reads the environment. If the descriptions are
remembered, or if it is already certain that instances are replaced, the fourth call reads the number of instances
instead. A request that removes settings also reads the ledger.
"""

from dataclasses import dataclass, replace

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.option_settings import OptionSettings
from wardrop.commands.answers import Effects, Refusal, effects
from wardrop.commands.refusals import no_environment
from wardrop.commands.requests import PlanSettings
from wardrop.environments.model import Environment
from wardrop.environments.settings import AUTO_SCALING_GROUP
from wardrop.errors import Refused, Unavailable
from wardrop.guard.descriptions import Descriptions, describe, recorded
from wardrop.guard.edits import Certainty, edits_of
from wardrop.guard.plan import Message, Plan, plan, unreadable
from wardrop.guard.proposal import InForce, Proposal


@dataclass(frozen=True)
class SettingsPlanner:
    beanstalk: Beanstalk
    option_settings: OptionSettings
    ledger: Ledger

    def __call__(self, request: PlanSettings, environment: Environment) -> Effects | Refusal:
        """Raises NotNow."""
        try:
            in_force = self._in_force(environment, request.proposal)
            return effects(environment.name, self._plan(environment, in_force, request.proposal))
        except Unavailable as error:
            return effects(environment.name, unreadable(error.reason))
        except Refused:
            # The environment was terminated after the first call.
            return no_environment(request.environment)

    def _in_force(self, environment: Environment, proposal: Proposal) -> InForce:
        options = self.option_settings.in_force(environment)
        smallest, largest = (options.get((AUTO_SCALING_GROUP, size)) for size in ("MinSize", "MaxSize"))
        reason = f"{environment.name} is {environment.status}, so its settings may be about to change"
        return InForce(
            options=options,
            instances=int(smallest) if smallest is not None and smallest == largest else None,
            environment_id=environment.id,
            running=self._running(environment) if proposal.removed else None,
            unread=() if environment.is_ready else (reason,),
        )

    def _running(self, environment: Environment) -> Proposal | None:
        """The running version's files. If a request removes a setting, the setting in the files comes into force."""
        label = environment.version_label
        version = self.ledger.versions.find(environment.application, label) if label else None
        return Proposal(version.settings, version.resources) if version and not version.unread else None

    def _plan(self, environment: Environment, in_force: InForce, proposal: Proposal) -> Plan:
        edits = list(edits_of(in_force, proposal, recorded()))
        if all(edit.certainty is Certainty.UNCHANGED for edit in edits):
            return plan(in_force, proposal, recorded())
        in_force, messages = self._validated(environment, in_force, proposal)
        counts = in_force.instances is None and environment.reports_instances and _replaces(in_force, proposal)
        if counts:
            _, instances = self.beanstalk.health(environment.name)
            in_force = replace(in_force, instances=sum(instances.values()))
        if counts and not self.option_settings.remembers(environment):
            # The replacement of the instances is certain, so the descriptions cannot change the result.
            return plan(in_force, proposal, recorded(), messages)
        in_force, descriptions = self._described(environment, in_force)
        return plan(in_force, proposal, descriptions, messages)

    def _validated(
        self, environment: Environment, in_force: InForce, proposal: Proposal
    ) -> tuple[InForce, list[Message]]:
        if not proposal.settings:
            return in_force, []
        try:
            return in_force, self.option_settings.validate(environment, proposal.settings)
        except Unavailable as error:
            return _with_unread(in_force, error.reason), []

    def _described(self, environment: Environment, in_force: InForce) -> tuple[InForce, Descriptions]:
        try:
            return in_force, self.option_settings.descriptions(environment)
        except Unavailable as error:
            return _with_unread(in_force, error.reason), recorded()


def _replaces(in_force: InForce, proposal: Proposal) -> bool:
    """Whether the recorded descriptions already show that instances are replaced."""
    described = [setting for setting in proposal.settings if describe(setting.key, recorded())]
    certain = plan(in_force, replace(proposal, settings=described, removed=()), recorded())
    return any(change.effect.replaces for change in certain.changes)


def _with_unread(in_force: InForce, reason: str) -> InForce:
    return replace(in_force, unread=(*in_force.unread, reason))

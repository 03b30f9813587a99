"""Predicts the effect of proposed settings. Nothing is changed.

RunCommand first reads the environment. The prediction then makes at most three calls to Beanstalk:

1. The first call reads the settings in force.
2. The second call validates the proposal.
3. The third call reads the descriptions of the options. If the descriptions are already known, or are not needed
   because a replacement is certain, the third call may read the number of instances instead. The number is read if
   instances are replaced or application servers restart.

A request that contains files or removes settings also reads the ledger.
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
from wardrop.guard.effect import Effect, worst
from wardrop.guard.plan import Message, Plan, plan, unreadable
from wardrop.guard.proposal import CurrentSettings, Proposal, ProposalSource


@dataclass(frozen=True)
class SettingsPlanner:
    beanstalk: Beanstalk
    option_settings: OptionSettings
    ledger: Ledger

    def __call__(self, request: PlanSettings, environment: Environment) -> Effects | Refusal:
        """Predicts the effect. Raises NotNow."""
        try:
            proposal = self._proposal(environment, request)
            in_force = self._in_force(environment, proposal)
            return effects(environment.name, self._plan(environment, in_force, proposal))
        except Unavailable as error:
            return effects(environment.name, unreadable(error.reason))
        except Refused:
            # The environment was terminated after the first call.
            return no_environment(request.environment)

    def _proposal(self, environment: Environment, request: PlanSettings) -> Proposal:
        if not request.files:
            return request.proposal
        from wardrop.commands.proposed_files import propose  # the import of PyYAML is slow, and few plans need it

        return propose(request.files, self._running(environment))

    def _in_force(self, environment: Environment, proposal: Proposal) -> CurrentSettings:
        options = self.option_settings.in_force(environment)
        is_of_files = proposal.source is ProposalSource.BUNDLE
        smallest, largest = (options.get((AUTO_SCALING_GROUP, size)) for size in ("MinSize", "MaxSize"))
        reason = f"{environment.name} is {environment.status}, so its settings may be about to change"
        return CurrentSettings(
            options=options,
            instances=int(smallest) if smallest is not None and smallest == largest else None,
            environment_id=environment.id,
            running=self._running(environment) if proposal.removed or is_of_files else None,
            unread=() if environment.is_ready else (reason,),
        )

    def _running(self, environment: Environment) -> Proposal | None:
        """Returns the `.ebextensions` of the running version, or None if they are not known.

        If a request removes a setting that was made through the API, the setting in these files comes into force.
        """
        label = environment.version_label
        version = self.ledger.versions.find(environment.application, label) if label else None
        return Proposal(version.settings, version.resources) if version and not version.unread else None

    def _plan(self, environment: Environment, in_force: CurrentSettings, proposal: Proposal) -> Plan:
        edits = list(edits_of(in_force, proposal, recorded()))
        if all(edit.certainty is Certainty.UNCHANGED for edit in edits):
            return plan(in_force, proposal, recorded())
        in_force, messages = self._validated(environment, in_force, proposal)
        effect = _certain_effect(in_force, proposal)
        remembers = self.option_settings.remembers(environment)
        counts = effect.replaces or (effect is Effect.RESTARTS and remembers)
        if counts and in_force.instances is None and environment.reports_instances:
            _, instances = self.beanstalk.health(environment.name)
            in_force = replace(in_force, instances=sum(instances.values()))
            if not remembers:
                # It is already certain that instances are replaced, so the descriptions cannot change the result.
                return plan(in_force, proposal, recorded(), messages)
        in_force, descriptions = self._described(environment, in_force)
        return plan(in_force, proposal, descriptions, messages)

    def _validated(
        self, environment: Environment, in_force: CurrentSettings, proposal: Proposal
    ) -> tuple[CurrentSettings, list[Message]]:
        if not proposal.settings or proposal.source is ProposalSource.BUNDLE:
            # Beanstalk validates the settings in files only when it deploys them.
            return in_force, []
        try:
            return in_force, self.option_settings.validate(environment, proposal.settings)
        except Unavailable as error:
            return _with_unread(in_force, error.reason), []

    def _described(self, environment: Environment, in_force: CurrentSettings) -> tuple[CurrentSettings, Descriptions]:
        try:
            return in_force, self.option_settings.descriptions(environment)
        except Unavailable as error:
            return _with_unread(in_force, error.reason), recorded()


def _certain_effect(in_force: CurrentSettings, proposal: Proposal) -> Effect:
    """Returns the worst restart or replacement that is already certain from the descriptions in options.json."""
    described = [setting for setting in proposal.settings if describe(setting.key, recorded())]
    certain = plan(in_force, replace(proposal, settings=described, removed=()), recorded())
    effects = [change.effect for change in certain.changes]
    return worst(effect for effect in effects if effect.replaces or effect is Effect.RESTARTS)


def _with_unread(in_force: CurrentSettings, reason: str) -> CurrentSettings:
    return replace(in_force, unread=(*in_force.unread, reason))

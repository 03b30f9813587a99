"""Deletes the application versions that no retention rule keeps, and then their bundles."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles
from wardrop.aws.ledger.ledger import Ledger
from wardrop.configuration.load import Configurations
from wardrop.environments.model import Environment
from wardrop.environments.settings import VersionQuotaUse
from wardrop.errors import NotNow, Refused
from wardrop.versions.bundles import unreferenced
from wardrop.versions.inventory import ApplicationInventory, RegionInventory, Usage, application_names, is_served
from wardrop.versions.plan import Batch, Plan, batches, decide_all, plan
from wardrop.versions.report import CleanUpReport
from wardrop.versions.retention import Action, Decision, decide
from wardrop.versions.run_state import RunState, Stopped

INTERVAL = timedelta(hours=23, minutes=30)
"""The time from the start of a daily clean-up to the start of the next one.

The interval is shorter than a day, because the hourly schedule is not exact. Example: the last clean-up began at
12:00:10, and the run of the next day begins at 12:00:05. With an interval of a full day, this run would be too early,
and the clean-up would begin at 13:00.
"""

LOCK_MARGIN = timedelta(minutes=2)
"""The time from the deadline of a clean-up to the expiry of its lock. Example: a clean-up with the deadline 12:14:00 is
killed. It blocks other clean-ups until 12:16:00.
"""


@dataclass(frozen=True)
class CleanVersions:
    beanstalk: Beanstalk
    bundles: Bundles
    ledger: Ledger
    configurations: Configurations
    applications: str
    """The stack's parameter `Applications`, in which * matches any characters."""

    def on_tick(self, clock: Callable[[], datetime], deadline: datetime) -> CleanUpReport | None:
        """Cleans up if a day has passed, if the last clean-up was incomplete, or if the quota is almost used up."""
        now, last = clock(), self.ledger.clean_ups.read().completed
        is_due = last is None or now - last >= INTERVAL
        if not is_due and not self._version_room(now).is_scarce:
            return None
        return self(clock, deadline)

    def __call__(
        self, clock: Callable[[], datetime], deadline: datetime, asked_by: str | None = None
    ) -> CleanUpReport | None:
        """Deletes as many versions as the time allows. Returns None if another clean-up is running."""
        began = clock()
        if not self.ledger.clean_ups.begin(began, deadline + LOCK_MARGIN):
            return None
        complete = False
        try:
            report = self._clean(RunState(clock, deadline), began)
            complete = report.is_complete
        finally:
            self.ledger.clean_ups.end(began if complete else None)
        for alert in report.alerts(began, asked_by):
            self.ledger.alerts.report(alert)
        return report

    def plan(self, now: datetime, application: str | None = None) -> Plan:
        """Plans a clean-up without changing anything."""
        return plan(self._read_region(now, application), now)

    # Reading

    def _version_room(self, now: datetime) -> VersionQuotaUse:
        """Reads how much of the quota is used, and records the result in the ledger."""
        room = VersionQuotaUse(at=now, used=self.beanstalk.version_count(), quota=self.beanstalk.version_quota())
        self.ledger.versions.keep_room(room)
        return room

    def _read_region(self, now: datetime, only: str | None = None) -> RegionInventory:
        quota, versions = self.beanstalk.version_quota(), self.beanstalk.application_versions()
        environments, bundles = self.beanstalk.lasting_environments(), list(self.bundles.kept())
        recorded, listed = self.ledger.environments.active(), {environment.name for environment in environments}
        missing = sorted((recorded.with_settings.keys() | recorded.deploying) - listed)
        applications = [
            ApplicationInventory(
                name=name,
                versions=[version for version in versions if version.application == name],
                records=self.ledger.marks.version_records(name),
                usage=self._usage([member for member in environments if member.application == name], missing),
                rules=self.configurations.versions(name, now),
            )
            for name in application_names(versions, environments, bundles)
            if is_served(self.applications, name) and only in (None, name)
        ]
        return RegionInventory(quota, versions, self.bundles.release_bucket, bundles, applications)

    def _usage(self, environments: Sequence[Environment], missing: Sequence[str]) -> Usage:
        records = [self.ledger.environments.read(environment.name) for environment in environments]
        standings = [record.standing for record in records]
        deployments = [deployment for record in records for deployment in record.deployments]
        return Usage(environments, standings, deployments, missing)

    def _usage_now(self, application: ApplicationInventory) -> Usage:
        """Reads the usage of the application's versions again.

        If Beanstalk no longer lists one of the environments, no version of the application is deleted.
        """
        environments = self.beanstalk.lasting_environments(application.name)
        listed = {environment.name for environment in environments}
        missing = {environment.name for environment in application.usage.environments} - listed
        return self._usage(environments, sorted({*application.usage.missing, *missing}))

    # Deleting

    def _clean(self, state: RunState, now: datetime) -> CleanUpReport:
        region = self._read_region(now)
        decided = decide_all(region, now)
        stopped, freed_bytes, remaining = None, 0, None
        try:
            for batch in batches(decided):
                state.check_time()
                self._delete(batch, state)
            state.check_time()
            freed_bytes, remaining = self._delete_bundles(region, state)
        except (Stopped, NotNow) as reason:
            stopped = str(reason)
        decisions = [decision for _, decided_here in decided for decision in decided_here]
        blocked = [decision for decision in decisions if decision.action is Action.BLOCKED]
        deleted = len(state.deleted) - state.already_gone
        return CleanUpReport(
            deleted=deleted,
            applications=len({decision.application for decision in state.deleted}),
            freed_bytes=freed_bytes,
            quota=region.quota,
            versions_before=len(region.versions),
            versions_after=remaining if remaining is not None else len(region.versions) - deleted,
            failures=state.failures,
            blocked=[f"{decision.label} of {decision.application}: {decision.reason}" for decision in blocked],
            stopped=stopped,
            retry_may_help=state.retry_may_help,
        )

    def _delete(self, batch: Batch, state: RunState) -> None:
        """Marks the versions, reads the usage again, and deletes the versions that are still unneeded.

        Example: a version is marked at 12:00:00, and its environment is read at 12:00:01. If a deployment of the
        version was queued at 11:59:59, the clean-up reads the deployment and keeps the version. A deployment at
        12:00:02 is refused, because the version is marked.
        """
        marked_at = state.clock()
        marked = self.ledger.marks.mark_for_deletion(batch.decisions, marked_at)
        accepted: dict[str, bool] = {}
        try:
            again = decide(replace(batch.application, usage=self._usage_now(batch.application)), marked_at)
            still_unneeded = {decision.label for decision in again if decision.action is Action.DELETE}
            for decision in marked:
                if decision.label in still_unneeded:
                    state.check_time()
                    self._delete_version(decision, state, accepted)
        finally:
            self.ledger.marks.unmark([decision for decision in marked if decision.label not in accepted])
            self._confirm([decision for decision in marked if decision.label in accepted], accepted, marked_at, state)

    def _delete_version(self, decision: Decision, state: RunState, accepted: dict[str, bool]) -> None:
        """Adds an accepted deletion to `accepted`, with the information whether the version existed."""
        try:
            accepted[decision.label] = self.beanstalk.delete_version(decision.application, decision.label)
        except (NotNow, Refused) as error:
            state.failed(decision, error)
        else:
            state.accepted()

    def _confirm(
        self, decisions: Sequence[Decision], existed: Mapping[str, bool], marked_at: datetime, state: RunState
    ) -> None:
        """Records which of the accepted deletions took effect.

        Beanstalk may accept a deletion but keep the version (hashicorp/terraform-provider-aws, issue 5770). Therefore a
        version counts as deleted only if Beanstalk no longer lists it. If the versions cannot be listed, the marks
        expire, and the next clean-up tries again.
        """
        if not decisions:
            return
        listed = {(version.application, version.label) for version in self.beanstalk.application_versions()}
        kept = [decision for decision in decisions if (decision.application, decision.label) in listed]
        deleted = [decision for decision in decisions if decision not in kept]
        self.ledger.marks.record_deleted(deleted, marked_at, state.clock())
        self.ledger.marks.unmark(kept)
        for decision in deleted:
            state.succeeded(decision, existed=existed[decision.label])
        for decision in kept:
            state.failed(decision, NotNow("Beanstalk accepted the deletion, but still lists the version"))

    def _delete_bundles(self, region: RegionInventory, state: RunState) -> tuple[int, int]:
        """Returns the number of freed bytes, and the number of versions that the region still has."""
        remaining = self.beanstalk.application_versions()
        # A drop may have created a second version with the same bundle before the first version was marked. Therefore,
        # the records are read again.
        applications = sorted({decision.application for decision in state.deleted})
        reserved = [record for name in applications for record in self.ledger.marks.version_records(name).values()]
        bundles = unreferenced(region, state.deleted, remaining, state.clock(), reserved)
        failed = self.bundles.delete(bundles)
        state.failures += [f"the bundle {key}: {reason}" for key, reason in failed.items()]
        state.retry_may_help = state.retry_may_help or bool(failed)
        return sum(bundle.size for bundle in bundles if bundle.key not in failed), len(remaining)

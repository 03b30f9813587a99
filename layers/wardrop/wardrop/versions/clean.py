"""From what stands to what nobody needs, and that away: application versions first, then their bundles."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles
from wardrop.aws.ledger import Ledger
from wardrop.aws.marks import Marks
from wardrop.configuration.load import Configurations
from wardrop.environments.model import Environment
from wardrop.environments.version import ApplicationVersion, key_prefix
from wardrop.errors import NotNow, Refused
from wardrop.versions.report import Cleaned, Plan
from wardrop.versions.retention import (
    Application,
    Bundle,
    Choice,
    Verdict,
    choose,
    is_nearly_full,
    serves,
    spent,
)

EVERY = timedelta(hours=23, minutes=30)
"""The hourly tick that comes a day after the last one may be a little early."""

AT_ONCE = 50
"""So many versions are deleted after each look at the environments; their marks fit one transaction."""

MOST_FAILURES_IN_A_ROW = 3

_logger = logging.getLogger(__name__)


class Stopped(Exception):
    """This run ends here; the next one goes on."""


@dataclass(frozen=True)
class Region:
    """What was found at the beginning of a run."""

    quota: int
    versions: list[ApplicationVersion]
    bundles: list[Bundle]
    applications: dict[str, Application]
    """Those that are served, by name."""

    def choices(self, now: datetime) -> Iterator[tuple[Application, list[Choice]]]:
        for application in self.applications.values():
            yield application, choose(application, now)


@dataclass
class Run:
    """What a run has done so far."""

    clock: Callable[[], datetime]
    deadline: datetime
    deleted: list[Choice] = field(default_factory=list)
    missing: int = 0
    """Versions that somebody else had deleted, or that never came to be."""

    failures: list[str] = field(default_factory=list)
    failures_in_a_row: int = 0
    may_help: bool = False
    """Whether one of the failures may be over the next time."""

    def check_time(self) -> None:
        if self.clock() >= self.deadline:
            raise Stopped("the time is up")

    def failed(self, choice: Choice, reason: str, *, passes: bool) -> None:
        _logger.warning("%s of %s is not deleted: %s", choice.label, choice.application, reason)
        self.failures.append(f"{choice.label} of {choice.application}: {reason}")
        self.failures_in_a_row += 1
        self.may_help = self.may_help or passes
        if self.failures_in_a_row >= MOST_FAILURES_IN_A_ROW:
            raise Stopped(f"{self.failures_in_a_row} versions in a row could not be deleted")

    def succeeded(self, choice: Choice) -> None:
        self.deleted.append(choice)
        self.failures_in_a_row = 0


@dataclass(frozen=True)
class CleanVersions:
    beanstalk: Beanstalk
    bundles: Bundles
    ledger: Ledger
    marks: Marks
    configurations: Configurations
    applications: str
    """The stack's parameter: * stands for any characters."""

    def on_tick(self, clock: Callable[[], datetime], deadline: datetime) -> Cleaned | None:
        """Clean up if a day has passed, the last time left something over, or there is little room."""
        last = self.marks.last_clean_up().completed
        is_due = last is None or clock() - last >= EVERY
        if not is_due and not is_nearly_full(self.beanstalk.version_count(), self.beanstalk.version_quota()):
            return None
        return self(clock, deadline)

    def __call__(
        self, clock: Callable[[], datetime], deadline: datetime, asked_by: str | None = None
    ) -> Cleaned | None:
        """Delete what no rule protects, as far as the time allows. None if another run is going on."""
        began = clock()
        if not self.marks.begin_clean_up(began, deadline + timedelta(minutes=2)):
            return None
        complete = False
        try:
            cleaned = self._clean(Run(clock, deadline), began)
            complete = cleaned.is_complete
        finally:
            self.marks.end_clean_up(began, complete=complete)
        for told in cleaned.alerts(began, asked_by):
            self.ledger.tell(told)
        return cleaned

    def plan(self, now: datetime, application: str | None = None) -> Plan:
        """What a run would do, and why; nothing is changed."""
        region = self._survey(application)
        choices = [one for _, chosen in region.choices(now) for one in chosen]
        gone = [one for one in choices if one.verdict is Verdict.DELETE]
        going = {(one.application, one.label) for one in gone}
        remaining = [one for one in region.versions if (one.application, one.label) not in going]
        freed = self._spent(region, gone, remaining, now)
        return Plan(
            quota=region.quota,
            versions=len(region.versions),
            delete=len(region.versions) - len(remaining),
            bundles=len(freed),
            bytes=sum(one.size for one in freed),
            choices=choices,
        )

    # What stands

    def _survey(self, only: str | None = None) -> Region:
        quota, versions = self.beanstalk.version_quota(), self.beanstalk.application_versions()
        environments, bundles = self.beanstalk.lasting_environments(), list(self.bundles.kept())
        shown = {environment.name for environment in environments}
        known = self.ledger.watched()
        unseen = sorted((known.preflights | known.deployments) - shown)
        found = {one.application for one in versions} | {one.application for one in environments}
        found |= {one.prefix for one in bundles if one.prefix}
        names = sorted(name for name in found if serves(self.applications, name) and only in (None, name))
        return Region(
            quota,
            versions,
            bundles,
            {
                name: self._application(
                    name,
                    [one for one in versions if one.application == name],
                    [one for one in environments if one.application == name],
                    unseen,
                )
                for name in names
            },
        )

    def _application(
        self,
        name: str,
        versions: Sequence[ApplicationVersion],
        environments: Sequence[Environment],
        unseen: Sequence[str],
    ) -> Application:
        now = [self.ledger.now(environment.name) for environment in environments]
        return Application(
            name=name,
            versions=versions,
            known=self.marks.known_versions(name),
            environments=environments,
            standings=[one.standing for one in now],
            deployments=[deployment for one in now for deployment in one.deployments],
            rules=self.configurations.versions(name),
            unseen=unseen,
        )

    def _look_again(self, application: Application) -> Application:
        """The environments and what is wanted of them, as of now; one that vanished is no reason to delete."""
        environments = self.beanstalk.lasting_environments(application.name)
        vanished = {one.name for one in application.environments} - {one.name for one in environments}
        now = [self.ledger.now(environment.name) for environment in environments]
        return replace(
            application,
            environments=environments,
            standings=[one.standing for one in now],
            deployments=[deployment for one in now for deployment in one.deployments],
            unseen=sorted({*application.unseen, *vanished}),
        )

    # What is done

    def _clean(self, run: Run, now: datetime) -> Cleaned:
        region = self._survey()
        waiting, stopped, freed, left = [], None, 0, None
        try:
            doomed = []
            for application, choices in region.choices(now):
                waiting += [one for one in choices if one.verdict is Verdict.WAIT]
                if chosen := [one for one in choices if one.verdict is Verdict.DELETE]:
                    doomed.append((application, chosen))
            for application, chosen in sorted(doomed, key=lambda pair: pair[1][0].created_at):
                for start in range(0, len(chosen), AT_ONCE):
                    run.check_time()
                    self._delete(application, chosen[start : start + AT_ONCE], run)
            run.check_time()
            freed, left = self._free(region, run)
        except (Stopped, NotNow) as reason:
            stopped = str(reason)
        return Cleaned(
            deleted=len(run.deleted) - run.missing,
            applications=len({one.application for one in run.deleted}),
            freed=freed,
            quota=region.quota,
            before=len(region.versions),
            after=left if left is not None else len(region.versions) - len(run.deleted) + run.missing,
            failures=run.failures,
            waits=[f"{one.label} of {one.application}: {one.reason}" for one in waiting],
            stopped=stopped,
            may_help=run.may_help,
        )

    def _delete(self, application: Application, chosen: Sequence[Choice], run: Run) -> None:
        """Mark first, look second, delete third: what is wanted meanwhile is seen by one side or the other."""
        at = run.clock()
        left = self.marks.doom(chosen, at)
        gone: list[Choice] = []
        try:
            again = choose(self._look_again(application), at)
            still = {one.label for one in again if one.verdict is Verdict.DELETE}
            for choice in [one for one in left if one.label in still]:
                run.check_time()
                try:
                    run.missing += not self.beanstalk.delete_version(choice.application, choice.label)
                except (NotNow, Refused) as error:
                    run.failed(choice, error.reason, passes=isinstance(error, NotNow))
                else:
                    run.succeeded(choice)
                    gone.append(choice)
        finally:
            self.marks.bury(gone, at, run.clock())
            self.marks.spare([one for one in left if one not in gone])

    def _free(self, region: Region, run: Run) -> tuple[int, int]:
        """Bundles that no version needs, as of now; returns the bytes freed, and how many versions there are."""
        remaining = self.beanstalk.application_versions()
        spent = self._spent(region, run.deleted, remaining, run.clock())
        wrong = self.bundles.delete(spent)
        run.failures += [f"the bundle {key}: {reason}" for key, reason in wrong.items()]
        run.may_help = run.may_help or bool(wrong)
        return sum(one.size for one in spent if one.key not in wrong), len(remaining)

    def _spent(
        self, region: Region, gone: Sequence[Choice], remaining: Sequence[ApplicationVersion], now: datetime
    ) -> list[Bundle]:
        named = {one.key for one in remaining if one.bucket == self.bundles.release_bucket and one.key}
        buried, reserved = set(), set()
        going = {(one.application, one.label) for one in gone}
        for application in region.applications.values():
            for known in application.known.values():
                if known.release is None or known.release.bucket != self.bundles.release_bucket:
                    continue
                if (application.name, known.label) in going:
                    buried.add((known.release.key, known.release.version_id))
                else:
                    reserved.add(known.release.key)
        prefixes = {key_prefix(name) for name in region.applications}
        served = [one for one in region.bundles if one.prefix in prefixes]
        return spent(served, named, reserved, buried, now)

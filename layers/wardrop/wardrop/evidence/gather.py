"""Reads the deployment log of an update, once, and finds the cause that it names."""

from dataclasses import dataclass
from datetime import datetime

from wardrop.aws.deployment_logs import DeploymentLogs
from wardrop.errors import Unavailable
from wardrop.evidence.explanation import Explanation
from wardrop.evidence.log_part import LogName


@dataclass(frozen=True)
class GatherEvidence:
    logs: DeploymentLogs

    def explain(self, log: LogName, now: datetime) -> Explanation:
        """At most two calls. A log that cannot be read is no error: the explanation says why."""
        try:
            return self._read(log, now)
        except Unavailable as error:
            return Explanation(log=self.logs.address(log), unread=error.reason)

    def _read(self, log: LogName, now: datetime) -> Explanation:
        """The end first, because a failed step is the last one; of a longer log the beginning, too."""
        from wardrop.evidence.diagnosis import diagnose  # not at the top: its patterns are compiled on import

        part = self.logs.end(log)
        cause = diagnose(part.content, starts_inside=not part.is_whole)
        if cause is None and not part.is_whole:
            cause = diagnose(self.logs.beginning(log, part.etag))
        return Explanation(log=self.logs.address(log), cause=cause, is_growing=part.is_growing(now))

"""Reads the deployment log of an update and finds the cause of the failure."""

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
        """Reads the log with at most two calls to S3. If the log cannot be read, the explanation states the reason.

        If the log names no cause, two more calls find and read the log of the instance that was launched last.
        """
        try:
            explanation = self._read(log, now)
        except Unavailable as error:
            explanation = Explanation(log=self.logs.address(log), unread=error.reason)
        if explanation.cause is None and log.started_at is not None:
            return self._by_launch(log, log.started_at) or explanation
        return explanation

    def _by_launch(self, log: LogName, since: datetime) -> Explanation | None:
        """Finds the cause in the log of the instance that was launched last.

        Returns None if there is no such log, if it cannot be read, or if it names no cause.
        """
        from wardrop.evidence.diagnosis import diagnose

        try:
            key = self.logs.newest_launch(log, since)
            part = self.logs.of_launch(key) if key else None
        except Unavailable:
            return None  # The explanation is then only about the deployment log.
        cause = diagnose(part.content, starts_inside=not part.is_whole) if part else None
        return Explanation(log=self.logs.address_of(key), cause=cause, by_instances=True) if key and cause else None

    def _read(self, log: LogName, now: datetime) -> Explanation:
        """Reads the end of the log, because the failed step is usually the last step.

        If the end names no cause, reads the beginning of the log.
        """
        from wardrop.evidence.diagnosis import diagnose  # Imported here, because the import compiles many patterns.

        part = self.logs.end(log)
        cause = diagnose(part.content, starts_inside=not part.is_whole)
        if cause is None and not part.is_whole:
            cause = diagnose(self.logs.beginning(log, part.etag))
        return Explanation(
            log=self.logs.address(log), cause=cause, is_partial=not part.is_whole, is_growing=part.is_growing(now)
        )

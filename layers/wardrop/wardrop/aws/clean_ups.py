"""The function CleanVersions as the other functions see it: started, or asked what it would do."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from wardrop.aws.ledger.clean_ups import CleanUpRecord
from wardrop.errors import NotNow
from wardrop.versions.plan import Plan


class CleanUps:
    def __init__(self, client: Callable[[], Any], function: str, record: CleanUpRecord) -> None:
        """`client` makes Lambda's, which few invocations need."""
        self._client = client
        self._function = function
        self._record = record

    def start(self, asked_by: str) -> None:
        """It runs by itself, one at a time."""
        self._client().invoke(
            FunctionName=self._function,
            InvocationType="Event",
            Payload=json.dumps({"asked_by": asked_by}).encode(),
        )

    def make_room(self, since: datetime, cause: str) -> bool:
        """Start one, unless one has run to its end since then: then False, for another would find no more."""
        completed = self._record.read().completed
        if completed is not None and completed > since:
            return False
        self.start(cause)
        return True

    def plan(self, application: str | None) -> Plan:
        """Raises NotNow. The very function answers, so what its role does not see it does not promise to delete."""
        answer = self._client().invoke(
            FunctionName=self._function,
            Payload=json.dumps({"dry_run": True, "application": application}).encode(),
        )
        payload = answer["Payload"].read()
        if "FunctionError" in answer:
            error = json.loads(payload)
            if error.get("errorType") == NotNow.__name__:
                raise NotNow(error["errorMessage"])
            raise RuntimeError(f"CleanVersions failed: {error}")
        return msgspec.json.decode(payload, type=Plan)

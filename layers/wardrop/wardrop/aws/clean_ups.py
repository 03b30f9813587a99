"""Invokes the function CleanVersions from other functions."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from wardrop.aws.ledger.clean_ups import CleanUpRecord
from wardrop.errors import LedgerBusy, NotNow
from wardrop.versions.plan import Plan


class CleanUps:
    def __init__(self, client: Callable[[], Any], function: str, record: CleanUpRecord) -> None:
        """`client` creates the Lambda client only when a method needs it, because few invocations need it."""
        self._client = client
        self._function = function
        self._record = record

    def start(self, asked_by: str) -> None:
        """Starts a clean-up, and does not wait for it. Only one clean-up runs at a time."""
        self._client().invoke(
            FunctionName=self._function,
            InvocationType="Event",
            Payload=json.dumps({"asked_by": asked_by}).encode(),
        )

    def make_room(self, since: datetime, cause: str) -> bool:
        """Starts a clean-up, and returns True.

        If a clean-up that started after `since` has already completed, another one would delete nothing. In this case,
        returns False without starting a clean-up.
        """
        completed = self._record.read().completed
        if completed is not None and completed > since:
            return False
        self.start(cause)
        return True

    def plan(self, application: str | None) -> Plan:
        """Returns the plan of a clean-up. Raises NotNow.

        The function CleanVersions computes the plan, because only its role has the permissions for the calls.
        """
        answer = self._client().invoke(
            FunctionName=self._function,
            Payload=json.dumps({"dry_run": True, "application": application}).encode(),
        )
        payload = answer["Payload"].read()
        if "FunctionError" in answer:
            error = json.loads(payload)
            if error.get("errorType") in (NotNow.__name__, LedgerBusy.__name__):
                raise NotNow(error["errorMessage"])
            raise RuntimeError(f"CleanVersions failed: {error}")
        return msgspec.json.decode(payload, type=Plan)

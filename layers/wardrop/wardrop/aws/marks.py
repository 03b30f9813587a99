"""The pins and marks of versions in the ledger, and the record of the last clean-up."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from wardrop.aws.table import MOST_AT_ONCE, Table, application_key, key, written
from wardrop.environments.version import MARK_LASTS
from wardrop.errors import Outdated
from wardrop.versions.inventory import VersionRecord
from wardrop.versions.retention import Decision

OWN, FOREIGN = "label/", "foreign/"
"""A version that somebody else made has an item only while it is pinned, or about to be deleted."""


class CleanUp(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of clean-ups."""

    completed: datetime | None = None
    """When the last one began that left nothing over."""

    running_until: datetime | None = None
    """When one that is going on will have stopped, whatever happens."""


class Marks(Table):
    def pin(self, application: str, label: str, by: str, at: datetime, *, own: bool) -> bool:
        """Keep a version from clean-up, `own` if Wardrop made it; False if clean-up is at it."""
        update = self._update(application, label, own, "SET pinned_by = :by REMOVE marked_at", not_marked(at))
        update["ExpressionAttributeValues"] |= {":by": {"S": by}}
        return self._updated(update)

    def unpin(self, application: str, label: str, *, own: bool) -> None:
        is_pinned = {"ConditionExpression": "attribute_exists(pinned_by)"}
        self._updated(self._update(application, label, own, "REMOVE pinned_by", is_pinned))

    def version_records(self, application: str) -> dict[str, VersionRecord]:
        """By label, what is kept of the versions that are there or may be; pinned or marked ones of others too."""
        found = {}
        selection: Any = {
            "ProjectionExpression": "sk, #release, reserved_at, pinned_by, marked_at",
            "ExpressionAttributeNames": {"#release": "release"},  # a word of DynamoDB's own
            "FilterExpression": "attribute_not_exists(deleted_at)",
        }
        for prefix in (OWN, FOREIGN):
            for item in self._query(application_key(application), prefix, **selection):
                label = item["sk"].removeprefix(prefix)
                found[label] = msgspec.convert(item | {"label": label}, VersionRecord)
        return found

    def mark_for_deletion(self, decisions: Sequence[Decision], at: datetime) -> list[Decision]:
        """Let nothing new want these versions; returns those of them that nobody has pinned meanwhile.

        Whoever wants a version writes that on the condition that it is not marked; whoever marks it looks
        afterwards at what is wanted. So one of the two sees the other.
        """
        free = {
            "ConditionExpression": "attribute_not_exists(pinned_by) AND attribute_not_exists(deleted_at)",
            "ExpressionAttributeValues": {":at": {"S": written(at)}},
        }

        def write(one: Decision) -> list[Any]:
            update = {"Update": self._change(one, "SET marked_at = :at", free)}
            return [update] if one.reserved else [update, {"ConditionCheck": self._nobodys(one)}]

        return self._together(decisions, write)

    def _nobodys(self, decision: Decision) -> dict[str, Any]:
        """Wardrop has not given the label meanwhile; while it is marked it does not."""
        return {
            "TableName": self._table,
            "Key": _key(decision.application, decision.label, own=True),
            "ConditionExpression": "attribute_not_exists(pk) OR attribute_exists(deleted_at)",
        }

    def unmark(self, decisions: Sequence[Decision]) -> None:
        """They are not deleted after all."""
        marked = {"ConditionExpression": "attribute_exists(marked_at)"}
        self._together(decisions, lambda one: [{"Update": self._change(one, "REMOVE marked_at", marked)}])

    def record_deleted(self, decisions: Sequence[Decision], marked_at: datetime, at: datetime) -> None:
        """They are deleted; the labels stay those of their bytes. Of what somebody else made nothing stays."""
        condition = {"ConditionExpression": "marked_at = :marked"}
        marked: Any = {":marked": {"S": written(marked_at)}}
        own = condition | {"ExpressionAttributeValues": marked | {":at": {"S": written(at)}}}
        foreign = condition | {"ExpressionAttributeValues": marked}

        def write(one: Decision) -> list[Any]:
            if one.reserved:
                return [{"Update": self._change(one, "SET deleted_at = :at REMOVE marked_at, settings, unread", own)}]
            key = _key(one.application, one.label, own=False)
            return [{"Delete": {"TableName": self._table, "Key": key, **foreign}}]

        self._together(decisions, write)

    def _together(self, decisions: Sequence[Decision], writes: Callable[[Decision], list[Any]]) -> list[Decision]:
        """In as few transactions as may be; where one fails, one by one. Returns those whose conditions held."""
        done: list[Decision] = []
        for start in range(0, len(decisions), MOST_AT_ONCE // 2):
            some = decisions[start : start + MOST_AT_ONCE // 2]
            try:
                self._write(*(write for one in some for write in writes(one)))
                done += some
            except Outdated:
                done += [one for one in some if len(some) > 1 and self._together([one], writes)]
        return done

    def _change(self, decision: Decision, expression: str, condition: dict[str, Any]) -> dict[str, Any]:
        return self._update(decision.application, decision.label, decision.reserved, expression, condition)

    def _update(
        self, application: str, label: str, own: bool, expression: str, condition: dict[str, Any]
    ) -> dict[str, Any]:
        key = _key(application, label, own=own)
        return {"TableName": self._table, "Key": key, "UpdateExpression": expression, **condition}

    def last_clean_up(self) -> CleanUp:
        item = self._get("clean-up", "state")
        return msgspec.convert(item, CleanUp) if item else CleanUp()

    def begin_clean_up(self, now: datetime, until: datetime) -> bool:
        """False if another one is going on; one that stopped without a word counts until its time is over."""
        return self._updated(
            {
                "TableName": self._table,
                "Key": key("clean-up", "state"),
                "UpdateExpression": "SET running_until = :until",
                "ConditionExpression": "attribute_not_exists(running_until) OR running_until < :now",
                "ExpressionAttributeValues": {":now": {"S": written(now)}, ":until": {"S": written(until)}},
            }
        )

    def end_clean_up(self, began: datetime, *, complete: bool) -> None:
        """`complete` if there is nothing left that time would help."""
        update: dict[str, Any] = {"UpdateExpression": "REMOVE running_until"}
        if complete:
            update["UpdateExpression"] += " SET completed = :began"
            update["ExpressionAttributeValues"] = {":began": {"S": written(began)}}
        self._dynamodb.update_item(TableName=self._table, Key=key("clean-up", "state"), **update)


def _key(application: str, label: str, *, own: bool) -> dict[str, Any]:
    return key(application_key(application), f"{OWN if own else FOREIGN}{label}")


def not_marked(at: datetime) -> dict[str, Any]:
    """Only if clean-up is not at the version; a mark that is old was left behind."""
    return {
        "ConditionExpression": "attribute_not_exists(deleted_at) AND "
        "(attribute_not_exists(marked_at) OR marked_at < :void)",
        "ExpressionAttributeValues": {":void": {"S": written(at - MARK_LASTS)}},
    }

"""Corrects moto's EventBridge where it differs from AWS."""

import json
from collections.abc import Callable
from typing import Any

from moto.events.models import EventsBackend, Rule

from local.aws.event_bus import envelope


def install(on_event: Callable[[dict[str, Any]], None]) -> None:
    # This method is replaced, because moto delivers events in the caller's thread, supports few types of targets, and
    # also applies disabled rules.
    Rule.send_to_targets = lambda *_, **__: None
    checked = EventsBackend.put_events

    def put_events(backend: EventsBackend, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = checked(backend, entries)
        for entry, answer in zip(entries, answers, strict=True):
            if entry.get("Source", "").startswith("aws."):
                # API reference, PutEvents: only AWS services are allowed to use this prefix
                answer.clear()
                answer["ErrorCode"] = "NotAuthorizedForSourceException"
                answer["ErrorMessage"] = "Not authorized for the source."
            elif "EventId" in answer:
                detail, resources = json.loads(entry["Detail"]), entry.get("Resources", [])
                on_event(envelope(entry["Source"], entry["DetailType"], detail, resources, answer["EventId"]))
        return answers

    EventsBackend.put_events = put_events

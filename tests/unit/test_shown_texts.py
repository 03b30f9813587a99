"""Every text for people is one line of limited length, because the type of its record cleans it."""

import importlib
import pkgutil
import types
import typing
from collections.abc import Iterator
from datetime import datetime
from enum import EnumType
from typing import Any

import msgspec
import pytest

import wardrop
from tests.unit.samples import NOW, good, queued, standing
from wardrop import errors
from wardrop.alerts.document import publication
from wardrop.alerts.kinds import Kind, Severity
from wardrop.alerts.model import Alert, HealthChange, LastDeployment, LastGood, Notification, Running
from wardrop.aws.ledger.item import attributes_of, serialized
from wardrop.aws.slack_posts import SlackPosts
from wardrop.aws.topic import Topic
from wardrop.deployments.deployment import Joined
from wardrop.deployments.history import MOST_MOMENTS
from wardrop.deployments.standing import MOST_GOOD, MOST_QUARANTINED, Hold, QuarantinedVersion
from wardrop.deployments.state import State
from wardrop.environments.model import Health
from wardrop.environments.origin import Origin

HOSTILE = "\n[CRITICAL] shop-prod: \x1b[31mforged\u2028\u202e\ud800" + "x" * 130_000
"""A hostile text with line breaks, colours, hidden text and invalid characters, as long as a name in an archive."""

READ_BY_PEOPLE = set(
    "advice because dropped_by error log principal quotes reason sentence text title unread".split()  # noqa: SIM905
)
"""The names of fields with texts for people, and with the names of people."""

ONLY_PARTS = {
    "wardrop.configuration.parameter.Document": "the document itself, which is parsed and never shown",
    "wardrop.commands.requests": "a request with limited fields; answers and records clean them",
    "wardrop.slack.blocks": "a message to Slack, whose texts slack/text.py has cleaned",
    "wardrop.alerts.document.Publication": "made of an alert, which is clean; its text has several lines",
    "wardrop.drops.ebextensions.Ebextensions": "a list with one limited line for each file",
    "wardrop.environments.version.Version": "the same list in the ledger",
    "wardrop.deployments.replacement.Replacement": "limited; the deployment's reason and the alert clean it",
    "wardrop.commands.answers.Effects": "made of a plan, which is clean",
    "wardrop.commands.views.DeploymentView": "made of a deployment, which is clean",
    "wardrop.evidence.check_subject._FunctionAnswer": "quoted by `quoted`, which limits and cleans it",
    "wardrop.versions": "made of labels and times by Wardrop",
}
"""The records whose type does not clean such a field, by the beginning of their name, with the reason."""


def _structs() -> Iterator[type[msgspec.Struct]]:
    for module in pkgutil.walk_packages(wardrop.__path__, "wardrop."):
        importlib.import_module(module.name)
    waiting = list(msgspec.Struct.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("wardrop.") and READ_BY_PEOPLE & set(kind.__struct_fields__):
            yield kind


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


CLEANED = sorted({kind for kind in _structs() if not _name(kind).startswith(tuple(ONLY_PARTS))}, key=_name)


def _sample(annotation: Any) -> Any:
    """A value of the type, in which every text is hostile."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _sample(arguments[0])
    if origin in (types.UnionType, typing.Union):
        return _sample(arguments[0])
    if origin is list:
        return [_sample(arguments[0])] * 1_000
    if origin is tuple:
        return tuple(_sample(argument) for argument in arguments if argument is not ...)
    if origin is dict:
        return {}
    if isinstance(annotation, EnumType):
        return next(iter(annotation))
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return _hostile(annotation)
    return {str: HOSTILE, datetime: NOW, int: 1, bool: False, type(None): None}[annotation]


def _hostile(kind: type[msgspec.Struct]) -> msgspec.Struct:
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = {
        field.name: _sample(hints[field.name])
        for field in msgspec.structs.fields(kind)
        if field.required or field.name in READ_BY_PEOPLE
    }
    return kind(**fields)


@pytest.mark.parametrize("kind", CLEANED, ids=_name)
def test_a_record_cannot_hold_a_text_that_forges_a_line_or_has_no_end(kind):
    """Call `clean` in the type's `__post_init__`, or add the type to ONLY_PARTS with the reason."""
    record = _hostile(kind)
    for name in READ_BY_PEOPLE & set(kind.__struct_fields__):
        value = getattr(record, name)
        texts = value if isinstance(value, list) else [value]
        assert len(texts) <= 1_000 / 2
        for text in texts:
            assert len(text.splitlines()) == 1, name
            assert len(text) <= 4_000, name
            assert "\x1b" not in text
            assert text.encode()


@pytest.mark.parametrize("kind", [errors.Rejected, errors.Malformed, errors.NotNow, errors.Refused, errors.Unavailable])
def test_the_reason_of_every_error_is_one_limited_line(kind):
    reason = kind(HOSTILE).reason
    assert len(reason.splitlines()) == 1
    assert len(reason) <= 2_000


@pytest.mark.parametrize("character", ["x", '"', "\\", "\U0001f600", "\x00"])
def test_an_alert_of_any_content_fits_into_an_item_and_into_messages(character):
    text = character * 130_000
    alert = Alert(
        alert_id="d" * 1_000,
        kind=Kind.DEPLOYMENT_FAILED,
        severity=Severity.ERROR,
        at=NOW,
        expires_at=1,
        text=text,
        health=HealthChange(previous=None, current=Health.OK, causes=[text] * 999, instances={text: 1}),
        running=Running(label=text),
        last_deployment=LastDeployment(label=text, state=text, at=NOW, by=text),
        last_good=LastGood(label=text, at=NOW, origin=Origin(commit=text, build=text, changes=text)),
        origin=Origin(commit=text, build=text, changes=text),
        events=[text] * 999,
        log_lines=[text] * 999,
        **dict.fromkeys(("title", "application", "environment", "version_label", "by", "log", "next_step"), text),
    )
    sent = Sent()
    Topic(sent, "arn").publish(publication(Notification(alert=alert)))
    SlackPosts(sent, "url").put(Notification(alert=alert))
    assert len(sent.message["Message"].encode()) < 256 * 1024
    assert len(sent.message["MessageBody"].encode()) < 256 * 1024
    assert len(msgspec.json.encode(serialized(attributes_of(alert)))) < 300_000


def test_a_deployment_of_any_history_fits_into_an_item():
    moved = queued(origin=Origin(commit=HOSTILE, build=HOSTILE, changes=HOSTILE))
    for _ in range(MOST_MOMENTS + 10):
        moved = moved.moved(State.QUEUED, "\U0001f600" * 130_000, NOW)
        moved = moved.joined_by(Joined(drop="d" * 2_000, at=NOW, dropped_by=HOSTILE), moved.arrival)
    assert len(moved.history) > 10
    assert len(msgspec.json.encode(serialized(attributes_of(moved)))) < 300_000


def test_a_history_of_ordinary_reasons_is_kept():
    moved = queued()
    for number in range(MOST_MOMENTS + 10):
        moved = moved.moved(State.QUEUED, f"{number}: the environment is Updating, by somebody else; " * 5, NOW)
    assert len(moved.history) == MOST_MOMENTS


def test_a_standing_of_any_content_fits_into_an_item():
    text = "\U0001f600" * 130_000
    quarantined = [QuarantinedVersion(label="l" * 100, at=NOW, because=text, sha256="a" * 64)] * MOST_QUARANTINED
    hold = Hold(by=text, at=NOW, because=text)
    full = standing(quarantined=quarantined, good=[good("l" * 100)] * MOST_GOOD, hold=hold, paused=hold)
    assert len(msgspec.json.encode(serialized(attributes_of(full)))) < 300_000


class Sent:
    """Records what is published and sent."""

    def __init__(self) -> None:
        self.message: dict[str, Any] = {}

    def publish(self, **message: Any) -> None:
        self.message |= message

    def send_message(self, **message: Any) -> None:
        self.message |= message


def test_every_exception_of_this_test_exists():
    names = {_name(kind) for kind in _structs()}
    assert [part for part in ONLY_PARTS if not any(name.startswith(part) for name in names)] == []

"""`python -m tests.previous_release` records the items of the ledger in the form that this version writes.

Run it for each release. Do not run it to make a test pass, because stacks of the release have items of this form.
Before the first release, forms may change freely, so run it after each change of a form.
"""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.ledger_document import items
from tests.unit.samples import ROOT
from wardrop.alerts.model import Alert
from wardrop.aws.ledger.clean_ups import CleanUp
from wardrop.aws.ledger.item import Item, Key, attributes_of, record_of
from wardrop.configuration.duration import decode_hook, encode_hook
from wardrop.configuration.record import ConfigurationRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.drops.receipt import Receipt
from wardrop.environments.settings import DeploymentSettings, VersionQuotaUse
from wardrop.environments.version import Version
from wardrop.guard.drift import GoodSettings
from wardrop.guard.guarded_update import GuardedUpdate
from wardrop.health.incident import Incident
from wardrop.slack.thread import Thread

RECORDING: Path = ROOT / "tests" / "previous_release.json"


class Kind(NamedTuple):
    type: type[msgspec.Struct]
    key: str
    """A regular expression for pk and sk."""

    is_changed: bool
    """Whether Wardrop reads, changes and writes such items. It always writes the other items as a whole."""


KINDS = [
    Kind(Deployment, r"environment/\S+ (now|past)/deployment/.*", True),
    Kind(Standing, r"environment/\S+ now/standing", True),
    Kind(GuardedUpdate, r"environment/\S+ now/guarded-update", True),
    Kind(Incident, r"environment/\S+ incident", True),
    Kind(Version, r"application/\S+ label/.*", True),
    Kind(Thread, r"slack/\S+ .*", True),
    Kind(DeploymentSettings, r"environment/\S+ now/settings", False),
    Kind(GoodSettings, r"environment/\S+ good-settings", False),
    Kind(ConfigurationRecord, r"application/\S+ configuration", True),
    Kind(Receipt, r"drop/\S+ receipt", False),
    Kind(Alert, r"alerts/\S+ .*", False),
    Kind(CleanUp, r"clean-up state", False),
    Kind(VersionQuotaUse, r"\S+ \S*(room|quota)\S*", False),
]


def kind_of(key: Key) -> Kind | None:
    """The kind of an item. None: the item has no record, such as the reservation of a content's hash."""
    return next((kind for kind in KINDS if re.fullmatch(kind.key, f"{key.pk} {key.sk}")), None)


def read(kind: Kind, item: Item) -> msgspec.Struct:
    if kind.is_changed:
        return record_of(kind.type, item)
    return msgspec.convert(item, kind.type, dec_hook=decode_hook)


def written(kind: Kind, record: msgspec.Struct) -> Item:
    if kind.is_changed:
        return attributes_of(record)
    attributes: Item = msgspec.to_builtins(record, enc_hook=encode_hook)
    return attributes


def enumerations() -> dict[str, list[str]]:
    """The values of each enumeration in the items. A version without a value cannot read items that have the value."""
    found: dict[str, list[str]] = {}

    def visit(value: Any, seen: set[int]) -> None:
        if isinstance(value, msgspec.inspect.EnumType):
            found[value.cls.__name__] = sorted(str(member.value) for member in value.cls)
        if isinstance(value, msgspec.Struct) and id(value) not in seen:
            seen.add(id(value))
            for name in value.__struct_fields__:
                visit(getattr(value, name), seen)
        elif isinstance(value, tuple | list):
            for element in value:
                visit(element, seen)

    visit(msgspec.inspect.multi_type_info([kind.type for kind in KINDS]), set())
    return found


def recording() -> dict[str, Any]:
    recorded = [{"pk": key.pk, "sk": key.sk, "item": item} for key, item in items()]
    return {"items": recorded, "enumerations": enumerations()}


def main() -> None:
    RECORDING.write_text(json.dumps(recording(), indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""`python -m tests.ledger_document` writes docs/ledger.md: an example of each item, as the ledger writes it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.unit.alert_samples import LOG, SAMPLES
from tests.unit.memory_table import MemoryTable
from tests.unit.samples import (
    NOW,
    ROOT,
    baking,
    deployment_settings,
    drop,
    good,
    queued,
    reserve,
    standing,
    version,
)
from wardrop.aws.ledger.item import Item, Key
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.marks import Pinnable
from wardrop.aws.ledger.threads import Threads
from wardrop.configuration.check import Check
from wardrop.configuration.parameter import Document, Fault, FaultKind
from wardrop.configuration.record import ConfigurationRecord, Forgotten
from wardrop.configuration.rules import Rules
from wardrop.deployments.change import Change
from wardrop.deployments.state import State
from wardrop.drops.lost import SweepState, digest
from wardrop.drops.receipt import Receipt, ReceiptStatus
from wardrop.environments.model import Health
from wardrop.environments.settings import VersionQuotaUse
from wardrop.evidence.check_record import CheckRecord, Result
from wardrop.evidence.log_request import LogRequest
from wardrop.guard.drift import GoodSettings
from wardrop.guard.effect import Effect
from wardrop.guard.guarded_update import AbortState, GuardedUpdate
from wardrop.health.incident import Incident, Phase
from wardrop.slack.thread import Thread

DOCUMENT: Path = ROOT / "docs" / "ledger.md"

INCIDENT = Incident(
    id="shop-staging/2026-01-02T03:04:05Z",
    application="shop",
    environment="shop-staging",
    environment_id="e-1",
    opened_at=NOW,
    health=Health.SEVERE,
    before=Health.OK,
    as_of=NOW,
    bad_since=NOW,
    phase=Phase.OPEN,
    worst_reported=Health.SEVERE,
    change=1,
)

GUARDED = GuardedUpdate(
    environment="shop-staging",
    environment_id="e-1",
    application="shop",
    request_id="0c1d8a4e-9b52-4d5c-8f0e-3a5d6f7b8c9d",
    started_at=NOW,
    effect=Effect.REPLACES_AT_ONCE,
    sentence="all 4 instances are replaced at once: downtime",
    abort=AbortState.REQUESTED,
)

LOG_REQUEST = LogRequest(
    environment="shop-staging",
    environment_id="e-1",
    deployment="d-0",
    since=NOW,
    at=NOW + timedelta(minutes=3),
    instances=["i-0123456789abcdef0"],
)

INTRODUCTION = """# The ledger's items

The ledger is Wardrop's DynamoDB table. This page shows an example of each item, as the functions write it.
[architecture.md](architecture.md#the-ledger) explains the keys and the index. `python -m tests.ledger_document` writes
this page, and a unit test compares the page with the code.
"""


def items() -> list[tuple[Key, Item]]:
    """An example of each item. The ledger's own adapters write the items."""
    table = MemoryTable()
    ledger = Ledger(table)
    receipt = Receipt(
        drop=drop().id,
        status=ReceiptStatus.ACCEPTED,
        reason="shop-2.0 is queued for shop-staging",
        at=NOW,
        application="shop",
        label="shop-2.0",
        deployments=["d-1"],
    )
    reserve(ledger, version())
    ledger.marks.pin(Pinnable("shop", "made-by-hand", reserved=False), "jane", NOW)
    ledger.configurations.write(
        ConfigurationRecord(
            application="shop",
            last_good=Document(text="environments: [{name: shop-staging}]", version=4, modified_at=NOW),
            fault=Fault(kind=FaultKind.REFUSED, reason="not YAML: line 1, column 3", version=5),
            forgotten=Forgotten(
                by="release-managers (session jane)",
                principal="arn:aws:iam::123456789012:role/release-managers",
                at=NOW,
                version=2,
            ),
        )
    )
    ledger.write(Change([queued()]), receipt)
    active = baking(
        revision=1,
        explanation=LOG,
        rules=Rules(checks=(Check(http="/health", contains="UP"),)),
        checks=[
            CheckRecord(result=Result.PASSED, reason='answered 200 with "UP"', at=NOW, has_answered=True),
        ],
    )
    ledger.write(Change([active], standing(good()), {"shop-staging": deployment_settings()}, alerts=[SAMPLES[0]]))
    [finished] = ledger.write(Change([queued("d-0", "shop-1.0")]))
    ledger.write(Change([finished.moved(State.SUPERSEDED, "shop-2.0 was dropped later", NOW)]))
    ledger.incidents.write(INCIDENT, [])
    ledger.guarded_updates.write(GUARDED)
    ledger.log_requests.write(LOG_REQUEST)
    good_settings = GoodSettings(label="shop-1.0", good_at=NOW, settings=deployment_settings())
    ledger.guarded_updates.keep_good_settings("shop-staging", good_settings)
    ledger.sweeps.write(SweepState(since=NOW, sent={digest(drop()): NOW}))
    ledger.versions.keep_room(VersionQuotaUse(at=NOW, used=412, quota=1000))
    ledger.clean_ups.begin(NOW, NOW + timedelta(minutes=16))
    thread = Thread(channel="C024BE91L", ts="1767323045.000100", change=2).with_alerts([SAMPLES[0]], NOW)
    Threads(table).keep("#shop-ops", "d-1", thread)
    return sorted(table.items.items(), key=lambda pair: (pair[0].pk, pair[0].sk))


def document() -> str:
    parts = [INTRODUCTION]
    for key, item in items():
        lines = [_yaml(name, value) for name, value in item.items() if name not in ("pk", "sk")]
        parts.append(f"## `{key.pk}` `{key.sk}`\n\n```yaml\n{''.join(lines)}```\n")
    return "\n".join(parts)


def _yaml(name: str, value: Any) -> str:
    """The YAML of an attribute. Each record of a list has its own line."""
    flow = None if isinstance(value, list | dict) and value else False
    return yaml.safe_dump({name: value}, sort_keys=False, allow_unicode=True, width=110, default_flow_style=flow)


def main() -> None:
    DOCUMENT.write_text(document(), "utf-8")


if __name__ == "__main__":
    main()

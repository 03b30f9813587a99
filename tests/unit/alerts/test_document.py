"""Messages to the topic: they keep the limits of SNS, people can read them, and they match their schema."""

import json
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.command_schemas import schema_of
from tests.unit.alerts.test_text import incident
from tests.unit.samples import NOW, ROOT, deploying, queued, update
from wardrop.alerts.document import MAX_SUBJECT, Document, Publication, publication
from wardrop.alerts.kinds import Kind, Severity
from wardrop.alerts.model import Alert, Notification, new_alert
from wardrop.deployments.announcement import alert_of
from wardrop.environments.model import Progress

SCHEMA = ROOT / "docs" / "alert.schema.json"
MOST_BYTES = 262_144


def published(told: Alert, **differs: Any) -> Publication:
    return publication(Notification(alert=told, **differs))


class TestSubject:
    def test_it_says_how_bad_where_and_what(self):
        assert published(incident(severity=Severity.CRITICAL)).subject == "[CRITICAL] shop-prod: health is Severe"

    def test_what_is_long_is_cut(self):
        told = published(alert_of(queued(label="shop-" + "9" * 100)))
        assert len(told.subject) == MAX_SUBJECT
        assert told.subject.endswith("9...")

    def test_letters_that_sns_does_not_take_lose_their_accents_or_go(self):
        assert published(alert_of(queued(label="café→2"))).subject == "[INFO] shop-staging: cafe->2 is queued"


class TestText:
    def test_it_reads_like_a_letter(self):
        told = published(incident(next_step="wardrop rollback shop-prod"), link="https://console").text
        assert told == (
            "shop-prod: health is Severe\n"
            "\n"
            "all is lost\n"
            "\n"
            "Application      shop\n"
            "Environment      shop-prod\n"
            "Health           Ok → Severe\n"
            "Instances        2 Severe, 1 Ok\n"
            "Cause            100.0 % of the requests are failing with HTTP 5xx.\n"
            "Running version  shop-42, since 2026-01-01 03:04 UTC\n"
            "Last deployment  shop-42 succeeded at 2026-01-02 03:04 UTC, requested by jenkins\n"
            "Event            Command failed on instance i-1.\n"
            "Next step        wardrop rollback shop-prod\n"
            "Console          https://console\n"
            "\n"
            "info, incident_opened, 2026-01-02 03:04 UTC\n"
            "incident/shop-prod/1/incident_opened"
        )

    def test_what_has_no_facts_is_short(self):
        told = published(new_alert(Kind.DROP_REJECTED, "s3://drops/x#1", NOW, "x: no"))
        assert told.text.startswith("Wardrop: a dropped file was rejected\n\nx: no\n\nerror, drop_rejected")


class TestDocument:
    def test_programs_read_the_whole_alert(self):
        told = alert_of(deploying(update=update(progress=Progress(done=1, instances=4))))
        document = json.loads(published(told, link="https://console").document)
        assert document["version"] == 1
        assert document["headline"] == "shop-staging: shop-2.0 is being deployed"
        assert document["link"] == "https://console"
        assert document["progress"] == {"done": 1, "instances": 4}
        assert msgspec.convert(document, Alert) == told

    def test_its_schema_is_what_the_documentation_shows(self):
        """`python -m tests.unit.alerts.test_document` writes the schema."""
        assert json.loads(SCHEMA.read_text()) == schema()


def test_attributes_are_for_filter_policies_and_never_empty():
    assert published(alert_of(queued())).attributes == {
        "application": "shop",
        "environment": "shop-staging",
        "severity": "info",
        "kind": "deployment_queued",
    }
    bare = new_alert(Kind.DROP_REJECTED, "x", NOW, "no")
    assert published(bare).attributes == {"severity": "error", "kind": "drop_rejected"}


@given(
    text=st.text(max_size=20_000),
    label=st.text(min_size=1, max_size=300),
    events=st.lists(st.text(max_size=600), max_size=60),
)
def test_whatever_is_told_sns_takes_it(text, label, events):
    told = published(msgspec.structs.replace(incident(), text=text, version_label=label, events=events))
    assert 0 < len(told.subject) <= MAX_SUBJECT
    assert told.subject.isascii()
    assert told.subject.isprintable()
    assert len(json.dumps([told.subject, told.text, told.document], ensure_ascii=False).encode()) < MOST_BYTES


def schema() -> dict[str, Any]:
    return schema_of(Document)


if __name__ == "__main__":
    Path(SCHEMA).write_text(json.dumps(schema(), indent=2) + "\n")

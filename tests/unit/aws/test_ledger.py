"""The ledger: its transactions, its conditions, and fields of a newer version, which it keeps."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from tests.unit.samples import NEW, NOW, TABLE, deploying, queued, release, reserve, update, version
from wardrop.aws.ledger.versions import Reservation, Reserved
from wardrop.configuration.parameter import Document, Fault, FaultKind
from wardrop.configuration.record import ConfigurationRecord
from wardrop.deployments.announcement import alert_of
from wardrop.deployments.change import Change
from wardrop.deployments.standing import GoodVersion, Standing
from wardrop.deployments.state import State
from wardrop.deployments.update import Timers, UnacceptableHealth
from wardrop.drops.receipt import Receipt, ReceiptStatus
from wardrop.errors import Outdated


def receipt(**differs: Any) -> Receipt:
    return Receipt(
        **({"drop": "s3://drops/a#1", "status": ReceiptStatus.ACCEPTED, "reason": "queued", "at": NOW} | differs)
    )


def items(dynamodb: Any, pk: str | None = None) -> list[dict[str, Any]]:
    found = dynamodb.scan(TableName=TABLE)["Items"]
    return [one for one in found if pk is None or one["pk"]["S"] == pk]


def read(deployment, revision=1, **changes):
    """The record as it is read after this number of writes."""
    return msgspec.structs.replace(deployment, revision=revision, **changes)


class TestDrops:
    def test_a_drop_that_was_never_seen_has_no_receipt(self, ledger):
        assert ledger.receipts.find("s3://drops/a#1") is None

    def test_receipt_deployments_and_alerts_are_written_together(self, ledger, dynamodb):
        ledger.write(Change([queued()], alerts=[alert_of(queued())]), receipt())
        assert ledger.receipts.find("s3://drops/a#1") == receipt()
        assert ledger.environments.read("shop-staging").deployments == [read(queued())]
        assert len(items(dynamodb)) == 3

    def test_the_same_drop_again_is_outdated_and_changes_nothing(self, ledger, dynamodb):
        ledger.write(Change([queued()]), receipt())
        before = items(dynamodb)
        with pytest.raises(Outdated):
            ledger.write(Change([queued("d-2")], alerts=[alert_of(queued("d-2"))]), receipt(reason="again"))
        with pytest.raises(Outdated):
            ledger.write(Change(alerts=[alert_of(queued())]), receipt(status=ReceiptStatus.REJECTED))
        assert items(dynamodb) == before

    def test_a_rejected_drop_keeps_its_full_reason(self, ledger):
        ledger.write(Change(alerts=[alert_of(queued())]), receipt(status=ReceiptStatus.REJECTED, reason="é" * 500))
        assert ledger.receipts.find("s3://drops/a#1").reason == "é" * 500


class TestLabels:
    OTHER_BYTES = release(sha256="cd" * 32)

    def test_a_free_label_is_reserved(self, ledger):
        assert ledger.versions.reserve(Reservation(version())) == Reserved(version(), is_first=True)

    def test_the_same_bytes_have_the_version_that_was_there_first(self, ledger):
        first = version(reserved_at=NOW, drop="first")
        reserve(ledger, first)
        assert reserve(ledger, version(drop="second")) == first
        assert reserve(ledger, version("another-label", drop="second")) == first

    def test_a_label_that_stands_for_other_bytes_is_refused(self, ledger):
        reserve(ledger, version())
        assert reserve(ledger, version(release=self.OTHER_BYTES)) is None

    def test_a_label_that_turned_out_to_be_taken_is_given_up_for_another(self, ledger):
        reserve(ledger, version())
        moved = reserve(ledger, version(f"{NEW}-abab"), instead_of=NEW)
        assert moved is not None
        assert moved.label == f"{NEW}-abab"
        assert reserve(ledger, version("another-name")) == moved

    def test_a_stated_label_names_the_same_bundle_again(self, ledger):
        reserve(ledger, version(drop="first"))
        copy = release(key="shop/4567/shop-2.0.war", version_id="r2")
        second = reserve(ledger, version("2.0", release=copy, drop="second"), is_stated=True)
        assert second == version("2.0", drop="second")
        assert ledger.versions.find("shop", "2.0") == second

    def test_a_stated_label_that_was_stated_before_is_the_same_version(self, ledger):
        reserve(ledger, version())
        second = reserve(ledger, version("2.0", drop="second"), is_stated=True)
        assert reserve(ledger, version("2.0", drop="third"), is_stated=True) == second

    def test_bytes_with_two_labels_have_the_label_of_the_name_and_else_the_first(self, ledger):
        first = reserve(ledger, version())
        second = reserve(ledger, version("2.0"), is_stated=True)
        assert reserve(ledger, version("2.0", drop="third")) == second
        assert reserve(ledger, version("other", drop="third")) == first

    def test_a_stated_label_of_other_bytes_is_refused(self, ledger):
        reserve(ledger, version())
        reserve(ledger, version("2.0", release=self.OTHER_BYTES))
        assert reserve(ledger, version("2.0", drop="third"), is_stated=True) is None

    def test_of_two_drops_only_the_first_counts_if_both_have_read_the_version_before(self, ledger):
        reserve(ledger, version())
        ledger.write(Change([queued()]), receipt(), version())
        with pytest.raises(Outdated):
            ledger.write(Change([queued("d-2")]), receipt(drop="s3://drops/a#2"), version())
        counted = ledger.versions.find("shop", NEW)
        assert counted == version(drops=1)
        ledger.write(Change([queued("d-2")]), receipt(drop="s3://drops/a#2"), counted)

    def test_a_drop_that_queues_nothing_is_not_counted(self, ledger):
        reserve(ledger, version())
        ledger.write(Change(alerts=[alert_of(queued())]), receipt(), version())
        assert ledger.versions.find("shop", NEW) == version()

    def test_applications_do_not_share_labels(self, ledger):
        reserve(ledger, version())
        assert reserve(ledger, version(application="mall", release=self.OTHER_BYTES)) is not None

    def test_settings_and_unread_files_of_a_bundle_are_kept(self, ledger):
        from wardrop.environments.option import OptionSetting

        settings = [OptionSetting("aws:x", "Y", None, "f"), OptionSetting("aws:x", "Z", "1", "f")]
        kept = version(settings=settings, unread=["g: h"])
        reserve(ledger, kept)
        assert reserve(ledger, kept) == kept


class TestConfiguration:
    def test_a_record_comes_back_and_is_not_overwritten_by_an_invocation_that_did_not_read_it(self, ledger):
        first = ledger.configurations.read("shop")
        document = Document(text="environments: []", version=1, modified_at=NOW)
        fault = Fault(kind=FaultKind.DENIED, reason="AccessDenied")
        ledger.configurations.write(replace(first, last_good=document, fault=fault))
        record = ledger.configurations.read("shop")
        assert (record.last_good, record.fault, record.revision) == (document, fault, 1)
        with pytest.raises(Outdated):
            ledger.configurations.write(replace(first, last_good=None))
        ledger.configurations.write(replace(record, last_good=None, fault=None))
        assert ledger.configurations.read("shop").last_good is None
        assert ledger.configurations.read("mall") == ConfigurationRecord(application="mall")


class TestChanging:
    def test_a_change_comes_back_as_it_was_written(self, ledger):
        ledger.write(Change([queued()]), receipt())
        changed = read(deploying(timers=Timers(unacceptable=UnacceptableHealth(since=NOW, looks=2)), dropped_by="김"))
        ledger.write(Change([changed]))
        assert ledger.environments.read("shop-staging").deployments == [read(changed, 2)]

    def test_a_deployment_that_somebody_else_changed_is_outdated(self, ledger):
        ledger.write(Change([queued()]), receipt())
        ledger.write(Change([read(queued())]))
        with pytest.raises(Outdated):
            ledger.write(Change([read(queued(), reason="late")]))

    def test_an_alert_is_written_with_its_change_or_not_at_all(self, ledger, dynamodb):
        ledger.write(Change([queued()]), receipt())
        ledger.write(Change([read(queued())], alerts=[alert_of(queued())]))
        with pytest.raises(Outdated):
            ledger.write(Change([read(queued())], alerts=[alert_of(queued("other"))]))
        assert [one["sk"]["S"] for one in items(dynamodb, "alerts/shop-staging")] == ["d-1/0/deployment_queued"]

    def test_what_has_ended_is_history_and_wakes_nobody(self, ledger):
        ledger.write(Change([queued("d-1"), queued("d-2")]), receipt())
        ledger.write(Change([read(queued("d-1"), state=State.SUCCEEDED)]))
        assert [one.id for one in ledger.environments.read("shop-staging").deployments] == ["d-2"]
        assert [one.id for one in ledger.environments.history("shop-staging")] == ["d-1"]
        assert ledger.environments.active().deploying == {"shop-staging"}
        ledger.write(Change([read(queued("d-2"), state=State.FAILED)]))
        assert ledger.environments.active().deploying == set()

    def test_what_has_ended_does_not_end_twice(self, ledger):
        ledger.write(Change([queued()]), receipt())
        ledger.write(Change([read(queued(), state=State.SUCCEEDED)]))
        with pytest.raises(Outdated):
            ledger.write(Change([read(queued(), state=State.FAILED)]))

    def test_history_is_the_newest_first_and_bounded(self, ledger):
        for number in range(5):
            ledger.write(Change([queued(f"2026010{number}")]), receipt(drop=f"{number}"))
            ledger.write(Change([read(queued(f"2026010{number}"), state=State.SUCCEEDED)]))
        assert [one.id for one in ledger.environments.history("shop-staging", 2)] == ["20260104", "20260103"]

    def test_a_standing_is_written_with_the_deployment_that_changed_it(self, ledger):
        ledger.write(Change([queued()]), receipt())
        good = GoodVersion(label=NEW, at=NOW, environment_id="e-1", platform="p", release=release())
        standing = Standing(environment="shop-staging", good=[good], newest=queued().arrival)
        [changed] = ledger.write(Change([read(queued())], standing=standing))
        found = ledger.environments.read("shop-staging").standing
        assert found == msgspec.structs.replace(standing, revision=1)
        [changed] = ledger.write(Change([changed], standing=found))
        for outdated in (found, standing):
            with pytest.raises(Outdated):
                ledger.write(Change([changed], standing=outdated))

    def test_environments_do_not_see_each_other(self, ledger):
        ledger.write(Change([queued(), queued("d-2", environment="shop-staging-2")]), receipt())
        assert [one.id for one in ledger.environments.read("shop-staging").deployments] == ["d-1"]
        assert ledger.environments.active().deploying == {"shop-staging", "shop-staging-2"}


UNKNOWN: Any = {
    "promoted_by": {"S": "prod"},
    "attempts": {"N": "3"},
    "weight": {"N": "0.25"},
    "exact": {"N": "12345678901234567890.123456789"},
    "flags": {"SS": ["a"]},
    "blob": {"B": b"\x00\xff"},
    "nested": {"M": {"list": {"L": [{"N": "1"}, {"BOOL": True}, {"NULL": True}]}}},
}


class TestFieldsOfANewerWardrop:
    def test_they_survive_a_change_by_this_one(self, ledger, dynamodb):
        ledger.write(Change([queued()]), receipt())
        key = {"pk": {"S": "environment/shop-staging"}, "sk": {"S": "now/deployment/d-1"}}
        [item] = [one for one in items(dynamodb) if one["sk"] == key["sk"]]
        dynamodb.put_item(TableName=TABLE, Item=item | UNKNOWN)

        [found] = ledger.environments.read("shop-staging").deployments
        ledger.write(Change([read(found, reason="changed")]))
        ledger.write(Change([read(found, 2, state=State.SUCCEEDED)]))

        [ended] = [one for one in items(dynamodb) if one["sk"]["S"].startswith("past/")]
        assert {name: ended[name] for name in UNKNOWN} == UNKNOWN

    def test_a_state_that_this_one_does_not_write_yet_is_read(self, ledger):
        ledger.write(Change([queued(state=State.BAKING)]), receipt())
        assert ledger.environments.read("shop-staging").deployments[0].state is State.BAKING

    def test_fields_that_this_one_added_are_missing_in_older_items(self, ledger, dynamodb):
        ledger.write(Change([queued()]), receipt())
        [item] = items(dynamodb, "environment/shop-staging")
        for added in ("update", "timers", "lost_answers", "dropped_by"):
            item.pop(added, None)
        dynamodb.put_item(TableName=TABLE, Item=item)
        assert ledger.environments.read("shop-staging").deployments == [read(queued())]


def test_an_update_comes_back_as_it_was_written(ledger):
    ledger.write(Change([queued()]), receipt())
    ledger.write(Change([read(deploying(update=update(version_label=None)))]))
    assert ledger.environments.read("shop-staging").deployments[0].update == update(version_label=None)

"""The newest operation in the events of an environment."""

import pytest

from tests.unit.samples import NOW, completed, event, seconds, started
from wardrop.environments.events import MANAGED_UPDATE_STARTS, REBUILD_STARTS, RESTART_STARTS
from wardrop.environments.operation import OperationKind, newest_operation

STARTED_AT = NOW - seconds(60)


def test_without_a_start_there_is_no_operation():
    assert newest_operation([completed(), event("Added instance [i-1] to your environment.", request_id=None)]) is None


def test_the_newest_start_counts():
    events = [
        started(NOW - seconds(600), "first"),
        completed(NOW - seconds(500), "first"),
        started(STARTED_AT, "second"),
    ]
    operation = newest_operation(events)
    assert operation is not None
    assert (operation.request_id, operation.started_at, operation.has_ended) == ("second", STARTED_AT, False)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Environment update is starting.", OperationKind.UPDATE),
        (RESTART_STARTS, OperationKind.RESTART),
        (REBUILD_STARTS, OperationKind.REBUILD),
        ("Environment tag update is starting.", OperationKind.OTHER),
        ("swapEnvironmentCNAMEs is starting.", OperationKind.OTHER),
    ],
)
def test_its_kind_follows_from_the_text_of_its_start(message, kind):
    operation = newest_operation([event(message)])
    assert operation is not None
    assert operation.kind is kind


def test_instances_are_counted_from_the_start_on_in_both_wordings():
    events = [
        event("Removed instance [i-0] from your environment.", STARTED_AT - seconds(1), None),
        started(STARTED_AT),
        event("Removed instance [i-1] from your environment.", NOW, None),
        event("Added instances [i-2, i-3] to your environment.", NOW, None),
    ]
    operation = newest_operation(events)
    assert operation is not None
    assert (operation.removed, operation.launched) == (("i-1",), ("i-2", "i-3"))
    assert operation.has_replaced_instances


def test_a_managed_update_is_recognised_by_its_event_before_or_after_the_start():
    managed = event(f"{MANAGED_UPDATE_STARTS}.", STARTED_AT, None)
    for events in ([managed, started(STARTED_AT)], [started(STARTED_AT), managed]):
        operation = newest_operation(events)
        assert operation is not None
        assert operation.is_managed


def test_the_event_of_an_earlier_managed_update_does_not_count():
    events = [
        started(STARTED_AT - seconds(600), "managed"),
        event(f"{MANAGED_UPDATE_STARTS}.", STARTED_AT - seconds(590), None),
        completed(STARTED_AT - seconds(60), "managed"),
        started(STARTED_AT, "later"),
    ]
    operation = newest_operation(events)
    assert operation is not None
    assert not operation.is_managed


def test_a_deployment_of_a_version_is_recognised_by_its_own_event():
    mine, other = (event("Deploying new version to instance(s).", request_id=request) for request in ("mine", "other"))
    assert [
        operation.deploys_version
        for operation in (newest_operation([started(STARTED_AT, "mine"), one]) for one in (mine, other))
        if operation
    ] == [True, False]

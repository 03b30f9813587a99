"""An empty object is replaced by its content, waits for its content, or is rejected."""

from datetime import datetime
from typing import Any

import pytest

from tests.unit.samples import NOW, drop, seconds
from wardrop.drops.drop import Drop
from wardrop.drops.empty import GRACE, NewestObject, StillEmpty, why_replaced
from wardrop.errors import Rejected


def empty(**differs: Any) -> Drop:
    return drop("shop/shop-staging/shop-2.0.war", **({"size": 0} | differs))


def newest(age: float = 0, **differs: Any) -> NewestObject:
    plain: dict[str, Any] = {"version_id": "v1", "etag": "etag", "size": 0, "uploaded_at": NOW - seconds(age)}
    return NewestObject(**(plain | differs))


def test_an_empty_object_that_a_newer_upload_replaced_is_no_drop_of_its_own():
    assert "a newer upload has replaced it" in (why_replaced(empty(), newest(version_id="v2", size=9), NOW) or "")


def test_another_empty_object_replaces_it_too():
    assert "a newer upload has replaced it" in (why_replaced(empty(), newest(version_id="v2"), NOW) or "")


def test_an_empty_object_that_was_deleted_again_is_no_drop():
    assert "was then deleted" in (why_replaced(empty(), None, NOW) or "")


def test_without_versions_the_etag_tells_whether_it_was_replaced():
    unversioned = empty(version_id=None)
    assert why_replaced(unversioned, newest(version_id=None, etag="other", size=9), NOW)
    with pytest.raises(Rejected):
        why_replaced(unversioned, newest(age=GRACE.total_seconds(), version_id=None), NOW)


@pytest.mark.parametrize(("age", "retry_after"), [(0, 91), (30, 61), (89, 2), (89.5, 1), (-3600, 91)])
def test_the_newest_empty_object_waits_for_its_content_until_the_grace_is_over(age, retry_after):
    with pytest.raises(StillEmpty) as waits:
        why_replaced(empty(), newest(age), NOW)
    assert waits.value.retry_after == retry_after


@pytest.mark.parametrize("age", [90, 90.5, 7200])
def test_after_the_grace_it_is_rejected(age):
    with pytest.raises(Rejected, match="the file is empty; drop it again with its content"):
        why_replaced(empty(), newest(age), NOW)


def test_the_wait_ends_after_the_grace_so_that_one_more_delivery_decides():
    looked_at: datetime = NOW
    with pytest.raises(StillEmpty) as waits:
        why_replaced(empty(), newest(), looked_at)
    with pytest.raises(Rejected):
        why_replaced(empty(), newest(), looked_at + seconds(waits.value.retry_after or 0))


def test_an_event_without_a_size_may_be_of_an_object_with_content():
    assert why_replaced(empty(), newest(size=9), NOW) is None

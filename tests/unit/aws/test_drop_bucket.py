"""The list of the files in the drop bucket."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber
from moto import mock_aws

from tests.unit.fakes import client
from wardrop.aws.drop_bucket import DropBucket
from wardrop.drops.lost import ListedObject, Position
from wardrop.errors import NotNow


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client("s3").create_bucket(Bucket="drops")
        yield client("s3")


def version_of(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket="drops", VersioningConfiguration={"Status": "Enabled"})


def objects(s3: Any, prefix: str = "") -> list[ListedObject]:
    page = DropBucket(s3, "drops", prefix).list(None)
    assert page.end is None
    return page.objects


def test_each_version_is_listed_and_only_one_is_the_newest(s3):
    version_of(s3)
    versions = [s3.put_object(Bucket="drops", Key="a/1.war", Body=body)["VersionId"] for body in (b"1", b"22")]
    shown = {each.version_id: (each.size, each.is_newest) for each in objects(s3)}
    assert shown == {versions[0]: (1, False), versions[1]: (2, True)}


def test_a_deleted_file_has_no_newest_version(s3):
    version_of(s3)
    s3.put_object(Bucket="drops", Key="a/1.war", Body=b"1")
    s3.delete_object(Bucket="drops", Key="a/1.war")
    assert [each.is_newest for each in objects(s3)] == [False]


def test_without_versioning_a_file_has_no_version_id(s3):
    s3.put_object(Bucket="drops", Key="a/1.war", Body=b"1")
    assert [each.version_id for each in objects(s3)] == [None]


def test_only_files_below_the_prefix_are_listed(s3):
    for key in ("a/1.war", "releases/a/2.war"):
        s3.put_object(Bucket="drops", Key=key, Body=b"1")
    assert [each.key for each in objects(s3, "releases/")] == ["releases/a/2.war"]


def test_the_next_page_begins_after_the_last_version_of_the_page():
    answer: Any = {"IsTruncated": True, "NextKeyMarker": "a/1.war", "NextVersionIdMarker": "v-1"}
    expected = {"Bucket": "drops", "Prefix": ""}
    with Stubber(client("s3")) as stub:
        stub.add_response("list_object_versions", answer, expected)
        stub.add_response(
            "list_object_versions",
            {"IsTruncated": False},
            {**expected, "KeyMarker": "a/1.war", "VersionIdMarker": "v-1"},
        )
        bucket = DropBucket(stub.client, "drops", "")
        position = bucket.list(None).end
        assert position == Position("a/1.war", "v-1")
        assert bucket.list(position).end is None


def test_a_bucket_that_does_not_exist_is_no_error_of_the_function(s3):
    with pytest.raises(NotNow, match="the drop bucket theirs does not exist"):
        DropBucket(s3, "theirs", "").list(None)


def test_a_processed_file_has_a_tag_and_a_new_upload_has_none(s3):
    bucket = DropBucket(s3, "drops", "")
    s3.put_object(Bucket="drops", Key="a/1.war", Body=b"1", Tagging="team=shop")
    drop = objects(s3)[0].drop("drops")
    assert not bucket.has_outcome(drop)
    s3.put_object_tagging(
        Bucket="drops", Key="a/1.war", Tagging={"TagSet": [{"Key": "wardrop-status", "Value": "accepted"}]}
    )
    assert bucket.has_outcome(drop)
    s3.put_object(Bucket="drops", Key="a/1.war", Body=b"1")
    assert not bucket.has_outcome(drop)
    s3.delete_object(Bucket="drops", Key="a/1.war")
    assert bucket.has_outcome(drop)

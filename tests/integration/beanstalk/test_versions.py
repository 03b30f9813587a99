from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Cloud, refused, wait_until


def test_an_unprocessed_version_can_be_deployed_and_has_three_events(cloud: Cloud) -> None:
    version = cloud.version("v-1", Description="the first")
    assert version["Status"] == "UNPROCESSED"
    assert version["ApplicationVersionArn"].endswith("us-east-1:123456789012:applicationversion/shop/v-1")
    assert version["DateCreated"] == version["DateUpdated"]
    assert version["Description"] == "the first"
    events = cloud.eb.describe_events(VersionLabel="v-1")["Events"]
    assert [event["Message"] for event in reversed(events)] == [
        "createApplicationVersion is starting.",
        "Created new Application Version: v-1",
        "createApplicationVersion completed successfully.",
    ]
    assert all("EnvironmentName" not in event and event["RequestId"] for event in events)
    assert cloud.emitted == []
    cloud.deploy("v-1")
    assert cloud.environment()["VersionLabel"] == "v-1"


def test_a_processed_version_goes_from_processing_to_processed(cloud: Cloud) -> None:
    assert cloud.version("v-1", Process=True)["Status"] == "PROCESSING"

    def status() -> Any:
        versions = cloud.eb.describe_application_versions(ApplicationName="shop", VersionLabels=["v-1"])
        return versions["ApplicationVersions"][0]["Status"]

    wait_until(lambda: status() == "PROCESSED", "v-1 is processed")


def test_a_label_is_unique_in_its_application(cloud: Cloud) -> None:
    cloud.version("v-1")
    assert refused(cloud.version, label="v-1") == (
        "InvalidParameterValue",
        "Application Version v-1 already exists.",
        400,
    )


@pytest.mark.parametrize("label", ["release 1.0 + hotfix: a", "..", "v1 \"final\" 'x' <&>", "릴리스 1", "a\\b;c=d%20"])
def test_a_label_may_have_every_character_but_a_slash(cloud: Cloud, label: str) -> None:
    cloud.version(label)
    [version] = cloud.eb.describe_application_versions(VersionLabels=[label])["ApplicationVersions"]
    assert version["VersionLabel"] == label
    cloud.deploy(label)
    assert cloud.environment()["VersionLabel"] == label
    assert [instance["Deployment"]["VersionLabel"] for instance in cloud.instances()] == [label] * 2


@pytest.mark.parametrize(("description", "index"), [("new 🚀", 4), ("\x01", 0), ("a\ufffe", 1)])
def test_a_description_that_is_not_xml_of_the_basic_plane_is_refused(
    cloud: Cloud, description: str, index: int
) -> None:
    message = f"Invalid unicode xml character in CreateApplicationVersionMessage.Description at index {index}"
    assert refused(cloud.version, label="v-1", Description=description) == ("InvalidParameterValue", message, 400)


def test_a_missing_bundle_is_refused_with_the_two_spaces_of_awss_text(cloud: Cloud) -> None:
    for bucket in (cloud.bucket, "no-such-bucket-at-all"):
        assert refused(
            cloud.eb.create_application_version,
            ApplicationName="shop",
            VersionLabel="v-1",
            SourceBundle={"S3Bucket": bucket, "S3Key": "gone.war"},
        ) == (
            "InvalidParameterCombination",
            f"Unable to download from S3 location (Bucket: {bucket}  Key: gone.war). Reason: Not Found",
            400,
        )


def test_an_empty_bundle_is_refused(cloud: Cloud) -> None:
    cloud.s3.put_object(Bucket=cloud.bucket, Key="empty.war", Body=b"")
    source = {"S3Bucket": cloud.bucket, "S3Key": "empty.war"}
    create = cloud.eb.create_application_version
    text = "Source bundle is empty or exceeds maximum allowed size: 524288000"
    assert refused(create, ApplicationName="shop", VersionLabel="v-1", SourceBundle=source)[1] == text


def test_an_unknown_application_is_refused_unless_it_may_be_created(cloud: Cloud) -> None:
    create = cloud.eb.create_application_version
    assert refused(create, ApplicationName="new", VersionLabel="v") == (
        "InvalidParameterValue",
        "No Application named 'new' found.",
        400,
    )
    create(ApplicationName="new", VersionLabel="v", AutoCreateApplication=True)
    (application,) = cloud.eb.describe_applications(ApplicationNames=["new"])["Applications"]
    assert application["Versions"] == ["v"]
    assert application["ApplicationArn"] == "arn:aws:elasticbeanstalk:us-east-1:123456789012:application/new"


def test_an_application_is_created_once(cloud: Cloud) -> None:
    assert cloud.eb.create_application(ApplicationName="new", Description="d")["Application"]["Description"] == "d"
    assert refused(cloud.eb.create_application, ApplicationName="new")[1] == "Application new already exists."
    assert {a["ApplicationName"] for a in cloud.eb.describe_applications()["Applications"]} == {"shop", "new"}


def test_versions_are_filtered_by_label_and_paged(cloud: Cloud) -> None:
    for number in range(1, 4):
        cloud.version(f"v-{number}")
    describe = cloud.eb.describe_application_versions
    assert describe(ApplicationName="shop", VersionLabels=["nope"])["ApplicationVersions"] == []
    found = describe(ApplicationName="shop", VersionLabels=["v-2"])["ApplicationVersions"]
    assert [version["VersionLabel"] for version in found] == ["v-2"]
    pages = cloud.eb.get_paginator("describe_application_versions").paginate(
        ApplicationName="shop", PaginationConfig={"PageSize": 3}
    )
    sizes = [len(page["ApplicationVersions"]) for page in pages]
    assert sizes == [3, 1]


def test_a_version_in_use_can_be_deleted_with_its_bundle(cloud: Cloud) -> None:
    cloud.version("v-1")
    cloud.deploy("v-1")
    delete = cloud.eb.delete_application_version
    delete(ApplicationName="shop", VersionLabel="v-1", DeleteSourceBundle=True)
    assert "Contents" not in cloud.s3.list_objects_v2(Bucket=cloud.bucket)
    assert cloud.environment()["VersionLabel"] == "v-1"
    assert refused(delete, ApplicationName="shop", VersionLabel="v-1")[1] == "No Application Version named 'v-1' found."


def test_a_version_on_its_way_to_an_environment_cannot_be_deleted(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=600.0)
    cloud.version("v-1")
    cloud.update(VersionLabel="v-1")
    text = "Unable to delete application version: v-1. An operation is already in progress, please retry again shortly."
    given = {"ApplicationName": "shop", "VersionLabel": "v-1"}
    assert refused(cloud.eb.delete_application_version, **given) == ("OperationInProgressFailure", text, 400)
    cloud.settle()
    cloud.eb.delete_application_version(**given)


def test_a_version_in_use_can_be_protected_by_a_switch(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(keeps_versions_in_use=True)
    cloud.version("v-1")
    given = {"ApplicationName": "shop", "VersionLabel": "shop-0"}
    assert refused(cloud.eb.delete_application_version, **given)[0] == "OperationInProgressFailure"
    cloud.eb.delete_application_version(ApplicationName="shop", VersionLabel="v-1")


def test_tags_are_set_at_creation_and_deleted_with_the_version(cloud: Cloud) -> None:
    arn = cloud.version("v-1", Tags=[{"Key": "team", "Value": "a"}])["ApplicationVersionArn"]
    assert cloud.eb.list_tags_for_resource(ResourceArn=arn)["ResourceTags"] == [{"Key": "team", "Value": "a"}]
    many = [{"Key": f"k{n}", "Value": "v"} for n in range(51)]
    assert refused(cloud.version, label="v-2", Tags=many)[0] == "TooManyTagsException"
    assert cloud.eb.describe_application_versions(VersionLabels=["v-2"])["ApplicationVersions"] == []
    cloud.eb.delete_application_version(ApplicationName="shop", VersionLabel="v-1")
    assert refused(cloud.eb.list_tags_for_resource, ResourceArn=arn)[0] == "ResourceNotFoundException"
    cloud.version("v-1")
    assert cloud.eb.list_tags_for_resource(ResourceArn=arn)["ResourceTags"] == []


def test_a_bundle_that_cannot_be_deleted_leaves_the_version_deleted(cloud: Cloud) -> None:
    cloud.version("v-1")
    cloud.s3.delete_object(Bucket=cloud.bucket, Key="v-1.war")
    given = {"ApplicationName": "shop", "VersionLabel": "v-1"}
    code, _, _ = refused(cloud.eb.delete_application_version, **given, DeleteSourceBundle=True)
    assert code == "SourceBundleDeletionFailure"
    assert cloud.eb.describe_application_versions(VersionLabels=["v-1"])["ApplicationVersions"] == []


def test_the_version_quota_is_reported_and_enforced(cloud: Cloud) -> None:
    from moto.elasticbeanstalk.models import eb_backends

    eb_backends["123456789012"]["us-east-1"].quotas["ApplicationVersionQuota"] = 2
    quotas = cloud.eb.describe_account_attributes()["ResourceQuotas"]
    assert quotas["ApplicationVersionQuota"] == {"Maximum": 2}
    assert quotas["EnvironmentQuota"] == {"Maximum": 200}
    cloud.version("v-1")
    with pytest.raises(cloud.eb.exceptions.TooManyApplicationVersionsException):
        cloud.version("v-2")


def test_the_storage_location_is_created_once(cloud: Cloud) -> None:
    for region in ("us-east-1", "eu-west-1", "eu-west-1"):
        bucket = cloud.client("elasticbeanstalk", region).create_storage_location()["S3Bucket"]
        assert bucket == f"elasticbeanstalk-{region}-123456789012"

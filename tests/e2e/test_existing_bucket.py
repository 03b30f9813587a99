"""An existing bucket as the drop bucket, instead of the bucket that the template creates."""

from typing import Any

from installation.account import Account
from local.beanstalk.seed import sound_war
from local.cloud import Cloud
from tests.integration.shop import APPLICATION, STAGING, UNBAKED, Shop


def test_an_existing_bucket_without_versions_serves_below_its_prefix() -> None:
    """The bucket has no versioning, so Wardrop reads an object on condition of its ETag."""
    with Cloud(speed=600, parameters={"DropBucketName": "their-drops", "DropPrefix": "releases/"}) as cloud:
        shop, s3 = Shop(cloud), cloud.client("s3")
        shop.configure(APPLICATION, UNBAKED)
        s3.create_bucket(Bucket="their-drops")
        account = Account(cloud.client)
        assert account.bucket("their-drops").has_events is False
        s3.put_bucket_notification_configuration(
            Bucket="their-drops", NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        assert account.bucket("their-drops").has_events is True
        s3.put_object(Bucket="their-drops", Key="shop/shop-staging/outside-1.war", Body=sound_war("outside"))
        s3.put_object(Bucket="their-drops", Key="releases/shop/shop-staging/inside-1.war", Body=sound_war("inside"))

        def tags(key: str) -> dict[str, Any]:
            return {tag["Key"]: tag["Value"] for tag in s3.get_object_tagging(Bucket="their-drops", Key=key)["TagSet"]}

        key = "releases/shop/shop-staging/inside-1.war"
        assert cloud.eventually(lambda: tags(key), 30)["wardrop-version"] == "inside-1"
        cloud.eventually(lambda: shop.environment(STAGING)["VersionLabel"] == "inside-1")
        assert tags("shop/shop-staging/outside-1.war") == {}
        shop.settle()
        assert (shop.dead_letters(), shop.forbidden_calls()) == ({}, [])

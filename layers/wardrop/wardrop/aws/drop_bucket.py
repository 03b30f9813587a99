"""Lists the files in the drop bucket."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from wardrop.aws.s3_refusals import Refusal, code_of, final_refusal
from wardrop.drops.drop import Drop
from wardrop.drops.lost import ListedObject, Position
from wardrop.drops.receipt import STATUS_TAG
from wardrop.errors import NotNow

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class ObjectPage:
    objects: list[ListedObject]
    end: Position | None
    """The position of the next page. None: this is the last page."""


class DropBucket:
    def __init__(self, s3: "S3Client", name: str, prefix: str) -> None:
        self._s3 = s3
        self.name = name
        self._prefix = prefix

    def list(self, after: Position | None) -> ObjectPage:
        """Returns up to 1,000 object versions whose keys have the prefix, in the order of the keys. Raises NotNow."""
        request: Any = {"Bucket": self.name, "Prefix": self._prefix}
        if after is not None:
            request["KeyMarker"] = after.key
            if after.version_id is not None:
                request["VersionIdMarker"] = after.version_id
        try:
            page = self._s3.list_object_versions(**request)
        except ClientError as error:
            if code_of(error) == "NoSuchBucket":
                raise NotNow(f"the drop bucket {self.name} does not exist") from error
            raise
        objects = [
            ListedObject(
                key=listed["Key"],
                version_id=None if listed["VersionId"] == "null" else listed["VersionId"],
                etag=listed["ETag"].strip('"'),
                size=listed["Size"],
                modified_at=listed["LastModified"],
                is_newest=listed["IsLatest"],
            )
            for listed in page.get("Versions", [])
        ]
        end = Position(page["NextKeyMarker"], page.get("NextVersionIdMarker")) if page["IsTruncated"] else None
        return ObjectPage(objects, end)

    def has_outcome(self, drop: Drop) -> bool:
        """Returns True if Wardrop has processed the object, or if the object was deleted.

        The object's tags show whether Wardrop has processed it.
        """
        try:
            tags = self._s3.get_object_tagging(Bucket=drop.bucket, Key=drop.key)["TagSet"]
        except ClientError as error:
            if final_refusal(error) is Refusal.GONE:
                return True
            raise
        return any(tag["Key"] == STATUS_TAG for tag in tags)

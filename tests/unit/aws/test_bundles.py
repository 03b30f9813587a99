"""Bundles in S3: ranged reads, copies and their proof, and tags."""

import base64
import hashlib
import io
import random
import zipfile

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from tests.unit.fakes import client
from tests.unit.samples import NOW, drop, release, war
from wardrop.aws.bundles import TAIL_BYTES, BundleAccess, Bundles, decoded
from wardrop.aws.ranged_file import MOST_BYTES_AT_ONCE, READ_AHEAD_BYTES, RangedFile
from wardrop.drops.bundle import inspect
from wardrop.drops.drop import Drop
from wardrop.errors import Rejected
from wardrop.versions.inventory import StoredBundle

ENCODED_WORD = r"=\?(utf-8|utf-16|ascii|unicode_escape|idna|no-such)\?[bq]\?[!->@-~]{0,12}\?="
"""Texts with the form of an encoded word of RFC 2047. Some are invalid."""


class Fetched:
    """An object in memory. It records the ranges that are read."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.spans: list[tuple[int, int]] = []

    def __call__(self, start: int, end: int) -> bytes:
        assert 0 <= start < end <= len(self.content)
        self.spans.append((start, end))
        return self.content[start:end]

    @property
    def bytes_read(self) -> int:
        return sum(end - start for start, end in self.spans)

    def open(self, tail: int = TAIL_BYTES) -> RangedFile:
        return RangedFile(len(self.content), self.content[-tail:], self)


class TestRangedFile:
    @settings(max_examples=120)
    @given(
        content=st.binary(min_size=1, max_size=50),
        repeats=st.sampled_from([1, 10, 5000]),
        tail=st.integers(1, 2000),
        steps=st.lists(
            st.tuples(st.sampled_from([0, 1, 2]), st.integers(-300_000, 300_000), st.integers(-1, 200_000)),
            max_size=15,
        ),
    )
    def test_it_reads_the_same_bytes_as_the_file_itself(self, content, repeats, tail, steps):
        whole = content * repeats
        fetched = Fetched(whole)
        ranged, plain = fetched.open(tail), io.BytesIO(whole)
        for whence, offset, count in steps:
            start = (0, plain.tell(), len(whole))[whence]
            if start + offset < 0:
                with pytest.raises((ValueError, OSError), match="before the beginning"):
                    ranged.seek(offset, whence)
            else:
                assert ranged.seek(offset, whence) == plain.seek(offset, whence)
            assert ranged.read(count) == plain.read(count)
            assert ranged.tell() == plain.tell()

    @given(st.lists(st.tuples(st.integers(0, 400_000), st.integers(0, 50_000)), max_size=20))
    def test_no_byte_is_fetched_twice(self, reads):
        fetched = Fetched(bytes(400_000))
        ranged = fetched.open()
        for at, count in reads:
            ranged.seek(at)
            ranged.read(count)
        seen = [at for span in fetched.spans for at in range(span[0], span[1], 500)]
        assert len(seen) == len(set(seen))
        assert all(end <= 400_000 - TAIL_BYTES for _, end in fetched.spans)

    def test_what_lies_in_the_tail_costs_no_request(self):
        fetched = Fetched(bytes(TAIL_BYTES))
        assert fetched.open().read() == bytes(TAIL_BYTES)
        assert fetched.spans == []

    def test_a_small_read_fetches_ahead(self):
        fetched = Fetched(bytes(10 * 2**20))
        ranged = fetched.open()
        ranged.read(10)
        ranged.read(READ_AHEAD_BYTES - 10)
        assert fetched.spans == [(0, READ_AHEAD_BYTES)]

    def test_reading_much_at_once_is_refused_before_anything_is_fetched(self):
        fetched = Fetched(bytes(MOST_BYTES_AT_ONCE + TAIL_BYTES + 1))
        with pytest.raises(ValueError, match="larger than 12 MB"):
            fetched.open().read()
        assert fetched.spans == []

    def test_an_object_that_ends_early_is_an_error_and_no_endless_loop(self):
        ranged = RangedFile(1000, b"x", lambda start, end: bytes(end - start - 1))
        with pytest.raises(EOFError, match="999 bytes were requested from offset 0, but 998 were received"):
            ranged.read(10)

    def test_a_war_of_30_mb_is_inspected_in_two_requests_and_64_kb(self):
        noise = random.Random(1)  # noqa: S311 - bytes that cannot be packed
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("META-INF/MANIFEST.MF", "Implementation-Version: 9\n")
            archive.writestr("WEB-INF/web.xml", "<web-app/>")
            archive.writestr(".ebextensions/a.config", "option_settings:\n  aws:x:y: {Z: 1}\n")
            for number in range(30):
                archive.writestr(f"WEB-INF/lib/{number}.jar", noise.randbytes(2**20))
            for number in range(500):
                archive.writestr(f"WEB-INF/classes/{number}.class", b"")
        fetched = Fetched(out.getvalue())
        inspected = inspect(fetched.open(), "shop-1.0.war", len(fetched.content))
        assert inspected.implementation_version == "9"
        assert len(inspected.ebextensions.settings) == 1
        assert len(fetched.spans) <= 1
        assert fetched.bytes_read <= READ_AHEAD_BYTES


@pytest.fixture
def s3():
    with mock_aws():
        s3 = client("s3")
        for bucket in ("drops", "releases"):
            s3.create_bucket(Bucket=bucket)
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        yield s3


@pytest.fixture
def bundles(s3):
    return Bundles(s3, "releases")


def put(s3, content: bytes = b"content", key: str = "shop/shop-2.0.war", **more) -> Drop:
    answer = s3.put_object(Bucket="drops", Key=key, Body=content, **more)
    return drop(key, version_id=answer["VersionId"], etag=answer["ETag"].strip('"'), size=len(content))


class TestOpening:
    @pytest.mark.parametrize(
        ("given", "read"),
        [
            ("=?UTF-8?Q?J=C3=B6rg?=", "Jörg"),
            ("=?UTF-8?B?Q2Fmw6ktMS4y?=", "Café-1.2"),
            ("=?no-such?Q?x?=", "=?no-such?Q?x?="),
        ],
    )
    def test_metadata_in_other_letters_than_ascii_is_read(self, s3, bundles, given, read):
        assert bundles.open(put(s3, b"x", Metadata={"dropped-by": given})).metadata == {"dropped-by": read}

    @given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)) | st.from_regex(ENCODED_WORD, fullmatch=True))
    def test_no_metadata_raises_an_error(self, value: str):
        assert isinstance(decoded(value), str)

    @pytest.mark.parametrize("value", ["=?utf-8?b?a?=", "=?utf-8?q?=FF?=", "=?none?q?a?="])
    def test_metadata_that_only_looks_encoded_stays_as_it_is(self, s3, bundles, value):
        assert bundles.open(put(s3, b"x", Metadata={"dropped-by": value})).metadata == {"dropped-by": value}

    @pytest.mark.parametrize("size", [1, TAIL_BYTES, TAIL_BYTES + 1, 3 * TAIL_BYTES])
    def test_the_very_object_version_of_the_event_is_read(self, s3, bundles, size):
        content = bytes(range(256)) * (size // 256) + bytes(size % 256)
        dropped = put(s3, content, Metadata={"version-label": "a"})
        put(s3, b"overwritten since")
        opened = bundles.open(dropped)
        assert (opened.size, opened.metadata) == (size, {"version-label": "a"})
        assert opened.file.read() == content

    @pytest.mark.parametrize("key", ["shop/a+b.war", "shop/a b.war", "shop/a%2Fb.war", "가게/가게 1.0.war"])
    def test_a_key_is_asked_for_as_it_came(self, s3, bundles, key):
        dropped = put(s3, key=key)
        assert bundles.open(dropped).file.read() == b"content"
        assert bundles.keep(dropped, "shop").sha256

    def test_a_drop_that_is_gone_is_rejected(self, s3, bundles):
        dropped = put(s3)
        s3.delete_object(Bucket="drops", Key=dropped.key, VersionId=dropped.version_id)
        with pytest.raises(Rejected, match="was deleted before it could be read"):
            bundles.open(dropped)

    def test_in_an_unversioned_bucket_other_bytes_are_never_taken_for_the_events(self, s3, bundles):
        s3.create_bucket(Bucket="plain")
        s3.put_object(Bucket="plain", Key="a.war", Body=b"newer")
        dropped = drop("a.war", bucket="plain", version_id=None, etag="0" * 32)
        with pytest.raises(Rejected, match="was overwritten while Wardrop read it"):
            bundles.open(dropped)


class TestKeeping:
    def test_the_copy_has_the_dropped_bytes_and_s3s_own_hash(self, s3, bundles):
        kept = bundles.keep(put(s3, war()), "shop")
        assert kept.bucket == "releases"
        assert s3.get_object(Bucket="releases", Key=kept.key)["Body"].read() == war()
        assert kept.sha256 == hashlib.sha256(war()).hexdigest()

    def test_the_version_of_the_event_is_kept_though_it_was_overwritten_since(self, s3, bundles):
        dropped = put(s3, b"first")
        put(s3, b"second")
        kept = bundles.keep(dropped, "shop")
        assert s3.get_object(Bucket="releases", Key=kept.key)["Body"].read() == b"first"

    def test_keeping_a_drop_again_writes_nothing_again(self, s3, bundles):
        dropped = put(s3)
        first = bundles.keep(dropped, "shop")
        with Stubber(s3) as stub:
            expected = {"IfNoneMatch": "*", "Key": first.key, "ChecksumAlgorithm": "SHA256"} | dict.fromkeys(
                ["Bucket", "CopySource", "TaggingDirective"], ANY
            )
            stub.add_client_error("copy_object", "PreconditionFailed", expected_params=expected)
            checksum = base64.b64encode(bytes.fromhex(first.sha256)).decode()
            stub.add_response("head_object", {"VersionId": first.version_id, "ChecksumSHA256": checksum})
            assert bundles.keep(dropped, "shop") == first

    def test_two_uploads_under_one_key_are_kept_apart(self, s3, bundles):
        assert bundles.keep(put(s3, b"1"), "shop").key != bundles.keep(put(s3, b"2"), "shop").key


class TestProving:
    def test_the_kept_bundle_is_sound(self, s3, bundles):
        assert bundles.prove(bundles.keep(put(s3), "shop")) is None

    def test_a_bundle_that_is_gone_is_not(self, s3, bundles):
        kept = bundles.keep(put(s3), "shop")
        s3.delete_object(Bucket="releases", Key=kept.key)
        assert "does not exist any more" in (bundles.prove(kept) or "")
        assert "does not exist any more" in (bundles.prove(release()) or "")

    @pytest.mark.parametrize("content", [b"other", b"content"])
    def test_a_bundle_that_was_overwritten_is_not_even_with_the_same_bytes(self, s3, bundles, content):
        kept = bundles.keep(put(s3), "shop")
        s3.put_object(Bucket="releases", Key=kept.key, Body=content)
        assert "has been overwritten" in (bundles.prove(kept) or "")


TAGS = {"wardrop-status": "accepted", "wardrop-version": "1", "wardrop-deployment": "none"}


class TestTagging:
    def tags(self, s3, dropped: Drop) -> dict[str, str]:
        answer = s3.get_object_tagging(Bucket="drops", Key=dropped.key, VersionId=dropped.version_id)
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def test_the_users_own_tags_stay(self, s3, bundles):
        dropped = put(s3, Tagging="team=shop&wardrop-status=old")
        bundles.tag(dropped, TAGS)
        assert self.tags(s3, dropped) == {"team": "shop"} | TAGS

    def test_the_events_version_is_tagged_not_the_newest(self, s3, bundles):
        older, newer = put(s3, b"1"), put(s3, b"2")
        bundles.tag(older, TAGS)
        assert self.tags(s3, older) == TAGS
        assert self.tags(s3, newer) == {}

    @pytest.mark.parametrize("theirs", [8, 9, 10])
    def test_what_has_no_room_beside_the_users_ten_is_left_out_the_last_first(self, s3, bundles, theirs):
        dropped = put(s3, Tagging="&".join(f"t{n}={n}" for n in range(theirs)))
        bundles.tag(dropped, TAGS)
        ours = [name for name in self.tags(s3, dropped) if name in TAGS]
        assert ours == list(TAGS)[: 10 - theirs]

    def test_a_tag_that_is_refused_fails_nothing(self, bundles, caplog):
        bundles.tag(drop("not/there.war"), TAGS)
        assert "could not be tagged" in caplog.text


@pytest.mark.parametrize(
    ("code", "status", "access"),
    [("404", 404, BundleAccess.GONE), ("403", 403, BundleAccess.DENIED), (None, 200, BundleAccess.READABLE)],
)
def test_the_access_to_a_bundle_that_somebody_else_uploaded_is_tried(code, status, access):
    s3 = client("s3")
    with Stubber(s3) as stub:
        if code:
            stub.add_client_error("head_object", code, http_status_code=status)
        else:
            stub.add_response("head_object", {})
        assert Bundles(s3, "releases").access("theirs", "shop/7.war") is access


def test_a_temporary_error_of_s3_is_no_answer_about_a_bundle():
    s3 = client("s3")
    with Stubber(s3) as stub:
        stub.add_client_error("head_object", "SlowDown", http_status_code=503)
        with pytest.raises(ClientError, match="SlowDown"):
            Bundles(s3, "releases").access("theirs", "shop/7.war")


@mock_aws
def test_a_bundle_is_deleted_by_its_version_id_and_leaves_no_delete_marker():
    s3 = client("s3")
    s3.create_bucket(Bucket="releases")
    s3.put_bucket_versioning(Bucket="releases", VersioningConfiguration={"Status": "Enabled"})
    for content in (b"old", b"newer"):
        s3.put_object(Bucket="releases", Key="shop/a.war", Body=content)
    s3.put_object(Bucket="releases", Key="shop/b.war", Body=b"b")
    bundles = Bundles(s3, "releases")
    listed = {(one.key, one.size): one for one in bundles.kept()}
    assert sorted(listed) == [("shop/a.war", 3), ("shop/a.war", 5), ("shop/b.war", 1)]
    gone = listed["shop/a.war", 3]
    assert bundles.delete([gone, gone]) == {}
    left = s3.list_object_versions(Bucket="releases")
    assert sorted(one["Size"] for one in left["Versions"]) == [1, 5]
    assert "DeleteMarkers" not in left


def test_more_bundles_than_one_request_takes_go_in_several_and_what_is_refused_is_told():
    many = [StoredBundle(key=f"{number}", version_id="v", size=1, modified_at=NOW) for number in range(1001)]
    with Stubber(client("s3")) as stub:
        refused = {"Key": "7", "Code": "AccessDenied", "Message": "no"}
        stub.add_response("delete_objects", {"Errors": [refused]}, {"Bucket": "releases", "Delete": ANY})
        last = {"Objects": [{"Key": "1000", "VersionId": "v"}], "Quiet": True}
        stub.add_response("delete_objects", {}, {"Bucket": "releases", "Delete": last})
        assert Bundles(stub.client, "releases").delete(many) == {"7": "AccessDenied: no"}
        stub.assert_no_pending_responses()

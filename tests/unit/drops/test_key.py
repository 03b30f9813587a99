"""Keys of drops and of releases."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import drop
from wardrop.drops.key import application_of, read_key, release_key
from wardrop.errors import Rejected


class TestAddress:
    def test_application_environment_and_file(self):
        address = read_key("shop/shop-prod/shop-1.0.war")
        assert (address.application, address.environment, address.file) == (
            "shop",
            "shop-prod",
            "shop-1.0.war",
        )

    def test_without_an_environment(self):
        assert read_key("shop/shop-1.0.war").environment is None

    def test_below_the_prefix(self):
        assert read_key("releases/shop/shop-1.0.war", "releases/") == read_key("shop/shop-1.0.war")

    @pytest.mark.parametrize("file", ["a+b.war", "a b.war", "a%2Fb.war", "가게 1.0.war", "a&b=c.war", "A.WAR"])
    @pytest.mark.parametrize("application", ["shop", "my shop", "가게", "a+b"])
    def test_keys_are_never_decoded(self, application: str, file: str):
        address = read_key(f"{application}/{file}")
        assert (address.application, address.file) == (application, file)

    @pytest.mark.parametrize("ending", ["war", "zip", "jar", "WAR", "Zip"])
    def test_wars_zips_and_jars_are_accepted(self, ending: str):
        assert read_key(f"shop/a.{ending}").ending == f".{ending.lower()}"

    @pytest.mark.parametrize("file", ["a.ear", "a.tar.gz", "war", "a.war.sha1", "a.war ", "README"])
    def test_any_other_ending_is_rejected_with_the_accepted_endings(self, file: str):
        with pytest.raises(Rejected, match=r"does not end in \.war, \.zip or \.jar"):
            read_key(f"shop/{file}")

    @pytest.mark.parametrize("file", [".war", ".ZIP"])
    def test_an_ending_without_a_name_is_rejected(self, file: str):
        with pytest.raises(Rejected, match="has no name before its ending"):
            read_key(f"shop/{file}")

    @pytest.mark.parametrize("key", ["a.war", "a/b/c/d.war"])
    def test_any_other_depth_is_rejected_with_the_form_of_a_key(self, key: str):
        with pytest.raises(Rejected, match="does not have the form <application>/<environment>/<file>"):
            read_key(key)

    def test_a_name_that_is_too_long_for_an_application_is_rejected(self):
        with pytest.raises(Rejected, match="at most 100 characters"):
            read_key(f"{'a' * 101}/a.war")

    @pytest.mark.parametrize("key", ["/a.war", "//a.war", "shop//a.war"])
    def test_an_empty_part_is_rejected(self, key: str):
        with pytest.raises(Rejected, match=r"a part of the key \S+ is empty"):
            read_key(key)

    @given(st.text(), st.sampled_from(["", "in/"]))
    def test_no_key_raises_anything_but_rejected(self, key: str, prefix: str):
        with contextlib.suppress(Rejected):
            address = read_key(key, prefix)
            assert all((address.application, address.file))


class TestReleaseKey:
    @given(*[st.tuples(st.text(min_size=1), st.text("ab", min_size=1))] * 2)
    def test_two_object_versions_never_share_a_release_key(self, one: tuple[str, str], other: tuple[str, str]):
        keys = [release_key(drop(key, version_id=version), "shop") for key, version in (one, other)]
        assert (keys[0] == keys[1]) == (one == other)

    @given(st.text(min_size=1), st.text(min_size=1))
    def test_a_release_key_is_safe_ascii_for_every_drop(self, key: str, application: str):
        made = release_key(drop(key), application)
        assert re.fullmatch(r"[A-Za-z0-9._-]+/[0-9a-f]{32}/[A-Za-z0-9._-]*", made)
        assert len(made) < 1024

    @pytest.mark.parametrize("application", [".", "..", "..."])
    def test_a_release_key_has_no_folder_of_dots(self, application: str):
        assert release_key(drop("a.war"), application).startswith("-" * len(application) + "/")


@pytest.mark.parametrize(
    ("key", "application"),
    [
        ("releases/shop/shop-prod/a.war", "shop"),
        ("releases/shop/a/b/c/d.war", "shop"),
        ("releases/a.war", None),
        ("releases//a.war", None),
        ("releases/", None),
    ],
)
def test_the_application_of_a_rejected_key_is_its_first_part(key, application):
    assert application_of(key, "releases/") == application

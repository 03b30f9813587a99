"""The metadata and the key of a dropped file."""

from hypothesis import strategies as st

from tests.fuzz.drops import Dropped, run
from tests.fuzz.strategies import TEXT
from tests.fuzz.target import Target
from tests.unit.samples import war

WORDS = st.builds(
    lambda charset, encoding, text: f"=?{charset}?{encoding}?{text}?=",
    st.sampled_from(
        ["utf-8", "utf-7", "utf-16", "unknown-8bit", "idna", "punycode", "unicode_escape", "zlib", "x", "\0"]
    ),
    st.sampled_from(["b", "q", "B", "Q", "x"]),
    st.sampled_from(["a", "YQ==", "=0a", "=ff", "+2AA-", "\\ud800", "A" * 600]) | TEXT,
)
VALUES = st.one_of(TEXT, WORDS, st.lists(WORDS, max_size=20).map(" ".join)).map(lambda text: text[:2_000])
METADATA = st.dictionaries(
    st.sampled_from(["version-label", "dropped-by", "on-failure", "git-commit", "build-url", "changes", "x"]),
    st.one_of(VALUES, st.sampled_from(["rollback", "hold", "https://ci/1", "https://a@b", "javascript:1"])),
)
FILES = st.one_of(
    st.just("shop-1.war"),
    st.builds(lambda text, ending: f"{text}{ending}", TEXT, st.sampled_from([".war", ".zip", ".jar", "", ".WAR"])),
)
KEYS = st.one_of(
    FILES.map(lambda file: f"shop/{file}"),
    FILES.map(lambda file: f"shop/shop-staging/{file}"),
    st.builds(lambda application, file: f"{application}/{file}", TEXT, FILES),
    st.lists(TEXT, max_size=5).map("/".join),
).map(lambda key: key.encode("utf-8", "replace")[:1_024].decode("utf-8", "ignore"))
"""A key in S3 is a UTF-8 text of at most 1,024 bytes."""

WAR = war()

TARGET = Target(st.builds(lambda key, metadata: Dropped(key, WAR, metadata), KEYS.filter(bool), METADATA), run)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardrop.environments.origin import MAX_CHANGES, MAX_COMMIT, MAX_URL, Origin, read_origin


def test_commit_build_and_changes_are_read_from_the_metadata():
    metadata = {"git-commit": " 1f3c5d7 ", "build-url": "https://ci.acme.test/42?a=1", "changes": "the basket is kept"}
    assert read_origin(metadata) == Origin(
        commit="1f3c5d7", build="https://ci.acme.test/42?a=1", changes="the basket is kept"
    )


@pytest.mark.parametrize(
    "metadata", [{}, {"dropped-by": "jenkins"}, {"git-commit": " ", "build-url": "", "changes": ""}]
)
def test_without_any_of_them_there_is_no_origin(metadata):
    assert read_origin(metadata) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://ci.acme.test/1",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https://user:geheim@ci.acme.test/1",
        "https://ci.acme.test/a b",
        "https://ci.acme.test/\n<!channel>",
        "https://ci.acme.test/결제",
        "HTTPS://ci.acme.test/1",
        "https://ci.acme.test/" + "a" * MAX_URL,
    ],
)
def test_only_a_plain_https_link_without_a_user_is_a_link_to_the_build(url):
    assert read_origin({"build-url": url, "git-commit": "a"}) == Origin(commit="a")


@given(st.text(max_size=2_000), st.text(max_size=2_000))
def test_every_text_is_one_line_within_its_limit(commit, changes):
    origin = read_origin({"git-commit": commit, "changes": changes}) or Origin()
    for text, limit in ((origin.commit, MAX_COMMIT), (origin.changes, MAX_CHANGES)):
        assert text is None or (0 < len(text) <= limit and len(text.splitlines()) == 1)

"""The metadata of a drop, as S3 accepts it and as the stack reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardrop.aws.bundles import decoded
from wardrop.drops.inspected_drop import read_metadata
from wardrop_cli.metadata import Build, build_of, in_ascii, metadata_of

GITHUB = {
    "GITHUB_ACTOR": "jane",
    "GITHUB_SHA": "8d60",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_RUN_ID": "7",
}
GITLAB = {"GITLAB_USER_LOGIN": "jim", "CI_COMMIT_SHA": "8d61", "CI_JOB_URL": "https://gitlab.com/j/1"}
JENKINS = {"BUILD_USER_ID": "joe", "GIT_COMMIT": "8d62", "BUILD_URL": "https://ci.example.com/job/shop/7/"}


@pytest.mark.parametrize(
    ("variables", "build"),
    [
        (GITHUB, Build("jane", "8d60", "https://github.com/acme/shop/actions/runs/7")),
        (GITLAB, Build("jim", "8d61", "https://gitlab.com/j/1")),
        (JENKINS, Build("joe", "8d62", "https://ci.example.com/job/shop/7/")),
        ({}, Build()),
        ({"GIT_COMMIT": "", "GITHUB_RUN_ID": "7"}, Build()),
    ],
)
def test_the_build_is_read_from_the_variables_of_the_ci_server(variables: dict[str, str], build: Build) -> None:
    assert build_of(variables) == build


def test_the_stack_reads_what_the_command_states() -> None:
    build = Build("Jürgen", "8d6072", "https://ci.example.com/7", "장바구니 수정; Fix it")
    metadata = metadata_of(build, "shop-7", "hold")
    read = read_metadata({name: decoded(value) for name, value in metadata.items()})
    assert (read.version_label, read.dropped_by, read.on_failure) == ("shop-7", "Jürgen", "hold")
    assert read.origin
    assert (read.origin.commit, read.origin.build) == (build.commit, build.url)
    assert read.origin.changes == build.changes


TEXT = st.text(max_size=600)


@given(TEXT, TEXT, TEXT, st.text(max_size=100))
def test_the_metadata_is_ascii_and_fits(by: str, url: str, changes: str, label: str) -> None:
    metadata = metadata_of(Build(by, "8d6072", url, changes), label, None)
    assert all(value.isascii() and value.isprintable() for value in metadata.values())
    assert sum(len(name) + len(value) for name, value in metadata.items()) <= 2048 or len(in_ascii(label + by)) > 700


@given(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=80))
def test_a_text_survives_the_way_to_the_stack(text: str) -> None:
    assert decoded(in_ascii(text)) == text

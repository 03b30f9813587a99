"""The name of the person or program that sent a request."""

import pytest

from tests.unit.commands.samples import JANE, JOE, caller


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        (JANE, "release-managers (session jane)"),
        (JOE, "joe"),
        ("arn:aws:iam::123456789012:user/team/joe", "joe"),
        ("arn:aws:iam::123456789012:root", "root"),
    ],
)
def test_the_name_is_role_and_session_or_the_last_part_of_the_arn(arn, name):
    assert caller(arn).name == name


@pytest.mark.parametrize(
    ("pattern", "arn", "matches"),
    [
        ("arn:aws:iam::123456789012:role/release-*", JANE, True),
        ("arn:aws:iam::123456789012:role/*", JOE, False),
        ("arn:aws:iam::123456789012:user/joe", JOE, True),
        ("arn:aws:sts::123456789012:assumed-role/release-managers/*", JANE, True),
        ("arn:aws:iam::999999999999:role/release-*", JANE, False),
    ],
)
def test_a_session_matches_patterns_of_its_own_arn_and_of_its_roles(pattern, arn, matches):
    assert caller(arn).is_one_of([pattern]) is matches

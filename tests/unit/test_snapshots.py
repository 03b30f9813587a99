"""Snapshots: a difference fails, and only the flag keeps it."""

import pytest

from tests.snapshots import Snapshot


def test_what_differs_fails_and_shows_how(tmp_path):
    Snapshot(tmp_path, updates=True)("text", "one\n")
    with pytest.raises(pytest.fail.Exception, match=r"-one\n\+two\n.*--update-snapshots"):
        Snapshot(tmp_path, updates=False)("text", "two\n")


def test_what_was_never_kept_fails_and_keeps_nothing(tmp_path):
    with pytest.raises(pytest.fail.Exception):
        Snapshot(tmp_path, updates=False)("blocks", [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("value", "file"), [("text ✓", "it.txt"), ({"a": ["✓"]}, "it.json")])
def test_what_was_kept_is_found_again(tmp_path, value, file):
    Snapshot(tmp_path, updates=True)("it", value)
    Snapshot(tmp_path, updates=False)("it", value)
    assert (tmp_path / file).exists()

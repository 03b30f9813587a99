"""Metadata of a dropped object."""

import pytest

from wardrop.configuration.rules import OnFailure
from wardrop.drops.inspected_drop import Metadata, read_metadata
from wardrop.errors import Rejected


def test_label_uploader_and_on_failure_are_read():
    stated = {"version-label": "golden", "dropped-by": "jenkins", "on-failure": "hold", "team": "web"}
    assert read_metadata(stated) == Metadata("golden", "jenkins", OnFailure.HOLD)


def test_no_metadata_states_nothing():
    assert read_metadata({}) == Metadata(None, None, None)


@pytest.mark.parametrize("stated", ["ignore", "", "Hold"])
def test_any_other_on_failure_is_rejected_with_the_allowed_words(stated: str):
    with pytest.raises(Rejected, match="must be rollback or hold"):
        read_metadata({"on-failure": stated})

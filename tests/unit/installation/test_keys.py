"""Customer managed KMS keys."""

import pytest

from installation.findings import CannotTell
from installation.keys import faults_of_key


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("Enabled", []),
        ("Disabled", [("refused", "key-state")]),
        ("PendingDeletion", [("refused", "key-state")]),
        (None, [("refused", "key-missing")]),
        (CannotTell("you may not"), [("warning", "key-unread")]),
    ],
)
def test_a_key_that_cannot_be_used_is_refused(state, expected):
    assert [(one.severity.value, one.code) for one in faults_of_key("DropKeyArn", state)] == expected

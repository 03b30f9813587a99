"""The screen of `wardrop clean --dry-run`."""

import pytest

from tests.snapshots import Snapshot
from tests.unit.cli.rendering import WIDTHS, rendered
from wardrop_cli.clean_up import CleanUp, Decision
from wardrop_cli.screens.clean_up import clean_up_screen, size

PLAN = CleanUp(
    quota=1000,
    versions=120,
    versions_to_delete=1,
    bundles_to_delete=2,
    bytes_to_free=84_000_000,
    decisions=[
        Decision("shop", "shop-1", "delete", "older than 30 days, and not among the last 30"),
        Decision("shop", "shop-2", "blocked", "the drop is not finished"),
        Decision("shop", "shop-3", "keep", "it runs in shop-prod"),
    ],
)


@pytest.mark.parametrize("width", WIDTHS)
def test_only_versions_that_are_not_kept_are_listed(width: int, snapshot: Snapshot) -> None:
    snapshot(f"{width}", rendered(clean_up_screen(PLAN), width))


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 bytes"), (99_999, "99999 bytes"), (1_250_000, "1.2 MB"), (2_500_000_000, "2.5 GB")]
)
def test_sizes_have_a_unit(number: int, text: str) -> None:
    assert size(number) == text

"""The screen of `wardrop doctor`."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.snapshots import Snapshot
from tests.unit.cli.doctor.samples import DENIED, INSTALLED, QUEUE, SOUND
from tests.unit.cli.rendering import WIDTHS, rendered
from wardrop_cli.doctor.judge import judge
from wardrop_cli.screens.doctor import doctor_screen

BROKEN = replace(
    SOUND,
    drop_bucket=replace(SOUND.drop_bucket, has_events=False),
    dead_letters=[replace(QUEUE, messages=3, oldest=timedelta(hours=5))],
    rights=DENIED,
    installed=[replace(INSTALLED, has_enhanced_health=False)],
)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_most_harmful_finding_comes_last_and_every_finding_has_its_remedy(width: int, snapshot: Snapshot) -> None:
    snapshot(f"{width}", rendered(doctor_screen(judge(BROKEN), lists_all=False), width))


def test_all_checks_are_listed_on_request(snapshot: Snapshot) -> None:
    snapshot("all", rendered(doctor_screen(judge(SOUND), lists_all=True), 120))


def test_a_sound_installation_is_one_line() -> None:
    assert rendered(doctor_screen(judge(SOUND), lists_all=False), 120).count("\n") == 1

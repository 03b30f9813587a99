"""The screens at three widths, without colours and without control characters."""

from datetime import datetime

import pytest

from tests.snapshots import Snapshot
from tests.unit.cli.samples import FORGED, NOW, WIDTHS, at, deployment, environment, followed, shown, status
from wardrop_cli.answers import Deployments, Environments, Followed
from wardrop_cli.decode import decode
from wardrop_cli.screens.changes import lines_of
from wardrop_cli.screens.follow import change_lines, follow_screen
from wardrop_cli.screens.history import history_screen
from wardrop_cli.screens.status import status_screen

BUSY = status(
    environment(deployments=[deployment()], status="Updating", health="Info"),
    environment(
        "shop-prod",
        deployments=[deployment(state="awaiting_approval", reason="shop-41 waits for approval", label="shop-41")],
        hold={"by": "jane", "at": at(60), "because": "rolled back"},
        pause={"by": "joe", "at": at(30), "because": "inventory"},
        quarantined=[{"label": "shop-39", "at": at(600), "because": "an instance failed " * 20}],
    ),
    environment("mall-1", application="mall", version_label=None, health="NoData", good_versions=[]),
    quota={"used": 950, "quota": 1000, "at": at(300)},
)
ENDED = [
    deployment(state="succeeded", reason="all 2 instances run shop-41", since=at(2)),
    deployment(
        state="rolled_back",
        label="shop-39",
        reason="an instance failed",
        origin=None,
        requested={"by": "release-managers (session jane)", "at": at(9), "because": "hurry", "rollback": True},
    ),
]


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times are those of the terminal's time zone."""
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_status_fits_the_terminal(width: int, snapshot: Snapshot) -> None:
    text = shown(status_screen(decode(Environments, BUSY), NOW), width)
    assert max(map(len, text.splitlines())) <= width
    snapshot(f"status-{width}", text)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_history_fits_the_terminal(width: int, snapshot: Snapshot) -> None:
    answer = decode(Deployments, {"environment": "shop-staging", "deployments": ENDED})
    text = shown(history_screen(answer, NOW), width)
    assert max(map(len, text.splitlines())) <= width
    snapshot(f"history-{width}", text)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_followed_deployment_fits_the_terminal(width: int, snapshot: Snapshot) -> None:
    each = decode(Followed, followed(cause=["java.lang.IllegalStateException: no database"]))
    assert each.reading
    text = shown(follow_screen([each], {each.deployment.id: each.reading.events}, NOW), width)
    assert max(map(len, text.splitlines())) <= width
    snapshot(f"follow-{width}", text)


def test_stages_are_shown_in_the_order_of_promotion() -> None:
    text = shown(status_screen(decode(Environments, status(environment("shop-prod"), environment())), NOW))
    assert text.index("shop-staging") < text.index("shop-prod")


def test_nothing_from_outside_controls_the_terminal_or_is_markup() -> None:
    forged = environment(FORGED, version_label=FORGED, application=FORGED, deployments=[deployment(reason=FORGED)])
    screens = [
        status_screen(decode(Environments, status(forged)), NOW),
        history_screen(decode(Deployments, {"environment": FORGED, "deployments": [deployment(reason=FORGED)]}), NOW),
        follow_screen([decode(Followed, followed(environment=FORGED, cause=[FORGED]))], {}, NOW),
    ]
    for screen in screens:
        text = shown(screen, 200)
        assert "[bold]markup[/bold]" in text
        assert not {"\x1b", "\u202e"} & set(text)
        assert "\nsecond" not in text
    lines = lines_of(decode(Environments, status(forged))) + change_lines(
        decode(Followed, followed(environment=FORGED))
    )
    assert not any({"\x1b", "\n", "\u202e"} & set(line) for line in lines)


def test_a_queued_deployment_waits_for_the_deployment_that_has_begun() -> None:
    queued = deployment(state="queued", label="shop-42", reason="shop-42 was dropped")
    busy = status(environment(deployments=[deployment(state="baking", reason="it is healthy"), queued]))
    text = shown(status_screen(decode(Environments, busy), NOW), 120)
    assert "shop-42 was dropped; it waits until the deployment of shop-41 has ended" in text
    assert "it is healthy (1 min ago)" in text
    alone = shown(status_screen(decode(Environments, status(environment(deployments=[queued]))), NOW))
    assert "shop-42 was dropped (1 min ago)" in alone


def test_without_environments_the_status_says_so() -> None:
    assert shown(status_screen(Environments([]), NOW)) == "There are no environments, or you may not view them.\n"
    assert shown(history_screen(Deployments("shop-prod"), NOW)) == "shop-prod has no finished deployments.\n"


def test_the_lines_of_a_watch_change_only_with_the_state() -> None:
    assert lines_of(decode(Environments, BUSY)) == lines_of(decode(Environments, BUSY))
    assert datetime.fromisoformat(at(0)) == NOW

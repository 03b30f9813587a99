"""Alerts as Slack shows them: within its limits, and without markup or mentions in text by other authors."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.slack.blocks import errors_of
from tests.unit.alerts.test_text import incident
from tests.unit.samples import NOW
from wardrop.alerts.kinds import Kind, Severity
from wardrop.alerts.model import Alert, HealthChange, Notification, Progress, new_alert
from wardrop.alerts.text import console
from wardrop.environments.model import Health
from wardrop.environments.origin import Origin
from wardrop.slack.blocks import SlackMessage
from wardrop.slack.message import COLOURS, GREEN, GREY, SEVERITY_ICONS, colour, message, reply, thread_entry
from wardrop.slack.summary import summary
from wardrop.slack.text import code, escape, link

LINK = console("e-abc", "us-east-1", "aws")


def deployed(kind: Kind, text: str, **differs: Any) -> Alert:
    plain: dict[str, Any] = {
        "application": "shop",
        "environment": "shop-prod",
        "environment_id": "e-abc",
        "version_label": "shop-42",
        "deployment": "20260102T030405-shop",
        "by": "jenkins",
        "previous_version": "shop-41",
    }
    return new_alert(kind, "20260102T030405-shop/3", NOW, text, **(plain | differs))


def notification(alert: Alert, **differs: Any) -> Notification:
    return Notification(**({"alert": alert, "channel": "#shop-ops", "link": LINK} | differs))


SHOWN = {
    "deployment_waits_for_approval": deployed(
        Kind.DEPLOYMENT_AWAITING_APPROVAL,
        "shop-prod wants an approval.",
        next_step="wardrop approve shop-prod shop-42",
    ),
    "deployment_on_its_way": deployed(
        Kind.DEPLOYMENT_PROGRESSED,
        "2 of 4 instances run it.",
        progress=Progress(done=2, instances=4),
        duration_seconds=95,
    ),
    "deployment_succeeded": deployed(
        Kind.DEPLOYMENT_SUCCEEDED,
        "All 4 instances run it and are well.",
        progress=Progress(done=4, instances=4),
        duration_seconds=360,
    ),
    "deployment_rolled_back": deployed(
        Kind.DEPLOYMENT_ROLLED_BACK,
        "Instance i-1 failed to deploy it; shop-41 is back on all 4 instances.",
        rollback_version="shop-41",
        duration_seconds=410,
        events=["Command failed on instance i-1. An error occurred while sending the request."],
        next_step="wardrop history shop-prod",
    ),
    "rollback_failed": deployed(
        Kind.ROLLBACK_FAILED,
        "The bundle of shop-41 is gone.",
        rollback_version="shop-41",
        next_step="wardrop status shop-prod",
    ),
    "incident_opened": incident(severity=Severity.CRITICAL, next_step="wardrop rollback shop-prod"),
    "incident_recovered": incident(
        Kind.INCIDENT_RECOVERED,
        health=HealthChange(previous=Health.SEVERE, current=Health.OK, instances={"Ok": 3}),
        events=[],
        duration_seconds=720,
    ),
    "drop_rejected": new_alert(
        Kind.DROP_REJECTED,
        "s3://drops/shop/shop.war#1",
        NOW,
        "shop.war has no WEB-INF: it is no web application",
        application="shop",
    ),
}


@pytest.mark.parametrize("case", SHOWN)
def test_each_message_looks_like_its_snapshot(case, snapshot):
    sent = message(notification(SHOWN[case]))
    snapshot(case, as_sent(sent))
    assert errors_of(sent.blocks) == errors_of(sent.attachments[0]["blocks"]) == []


def test_a_thread_looks_like_its_snapshot(snapshot):
    cases = ("deployment_on_its_way", "deployment_rolled_back", "incident_opened")
    snapshot("thread", as_sent(reply([thread_entry(SHOWN[case]) for case in cases])))


def test_a_summary_looks_like_its_snapshot(snapshot):
    late = [at(alert, minutes) for minutes, alert in enumerate(SHOWN.values())]
    snapshot("summary", as_sent(summary(late)))


def test_a_summary_lists_the_most_severe_alert_first():
    sent = json.dumps(as_sent(summary([at(alert, minutes) for minutes, alert in enumerate(SHOWN.values())])))
    order = [
        sent.index(f"*{words}")
        for words in ("shop-prod: health is Severe", "shop: a dropped file was rejected", "shop-prod: shop-42 is on")
    ]
    assert order == sorted(order)
    assert summary(list(SHOWN.values())).attachments[0]["color"] == COLOURS[Severity.CRITICAL]


def test_every_severity_has_an_icon_and_a_colour():
    assert set(SEVERITY_ICONS) == set(COLOURS) == set(Severity)


def test_the_bar_is_green_for_success_grey_for_neutral_ends_and_otherwise_shows_the_severity():
    assert colour(SHOWN["deployment_succeeded"]) == colour(SHOWN["incident_recovered"]) == GREEN
    assert colour(deployed(Kind.DEPLOYMENT_CANCELLED, "")) == GREY
    assert colour(SHOWN["drop_rejected"]) == COLOURS[Severity.ERROR]


@pytest.mark.parametrize(
    ("done", "instances", "bar"),
    [(0, 4, "▱▱▱▱▱▱▱▱▱▱"), (1, 30, "▱▱▱▱▱▱▱▱▱▱"), (2, 4, "▰▰▰▰▰▱▱▱▱▱"), (4, 4, "▰▰▰▰▰▰▰▰▰▰"), (9, 4, "▰▰▰▰▰▰▰▰▰▰")],
)
def test_the_progress_bar_is_full_only_when_all_instances_run_it(done, instances, bar):
    alert = deployed(Kind.DEPLOYMENT_PROGRESSED, "", progress=Progress(done=done, instances=instances))
    assert f"{bar}  {min(done, instances)} of {instances} instances" in json.dumps(
        as_sent(message(notification(alert))), ensure_ascii=False
    )


def test_the_plain_text_contains_the_headline_the_reason_and_the_next_step():
    text = message(notification(SHOWN["rollback_failed"])).plain
    assert text.blocks == text.attachments == []
    assert "shop-prod: shop-42 failed, and the rollback to shop-41 failed too" in text.text
    assert "The bundle of shop-41 is gone." in text.text
    assert "`wardrop status shop-prod`" in text.text


class TestTextByOtherAuthors:
    @pytest.mark.parametrize(
        ("written", "escaped"),
        [
            ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
            ("<!channel> <@U123> <https://evil|here>", "&lt;!channel&gt; &lt;@U123&gt; &lt;https://evil|here&gt;"),
            ("hey @here, @Channel", "hey @\u2060here, @\u2060Channel"),
            ("you@hereford.org", "you@hereford.org"),
            ("`rm` ```x```", "ˋrmˋ ˋˋˋxˋˋˋ"),
            ("one\ntwo\t three\x00", "one two three"),
            ("abc\u202edef\u200b@\u200bhere", "abcdef@\u2060here"),
            ("12345678901", "123456789…"),
            ("123456789&", "123456789…"),
            ("12345678&&", "12345678…"),
            ("", ""),
        ],
    )
    def test_it_is_shown_unchanged_and_is_no_markup(self, written, escaped):
        assert escape(written, 10 if written[:4] in ("1234",) else 200) == escaped

    @given(st.text(), st.integers(2, 60))
    def test_it_is_cut_without_breaking_an_entity(self, written, limit):
        escaped = escape(written, limit)
        assert len(escaped) <= limit
        assert_harmless(escaped)
        assert escaped.count("&") == len(re.findall("&(?:amp|lt|gt);", escaped))

    @given(st.text(), st.integers(3, 60))
    def test_it_cannot_end_code(self, written, limit):
        escaped = code(written, limit)
        assert len(escaped) <= limit
        assert escaped == "" or (escaped[0] == escaped[-1] == "`" and "`" not in escaped[1:-1])

    @given(st.text())
    def test_it_cannot_end_a_link(self, written):
        escaped = link(f"https://console/{written}", "Console")
        if escaped == "Console":
            return
        assert escaped.startswith("<https://console/")
        assert escaped.endswith("|Console>")
        assert not set("<>|` \n") & set(escaped[1 : -len("|Console>")])


TEXTS = st.one_of(
    st.text(max_size=60),
    st.text("<>&`|*@", min_size=1, max_size=4000),
    st.sampled_from(
        ["<!channel>", "@here", "<@U1>", "<!subteam^S1>", "<http://x|y>", "```", "a" * 5000, "&" * 5000, "\u202e"]
    ),
)
MAYBE = st.none() | TEXTS
LINKS = MAYBE | TEXTS.map(lambda text: f"https://{text}")
ALERTS = st.builds(
    Alert,
    alert_id=st.text(min_size=1, max_size=20),
    kind=st.sampled_from(Kind),
    severity=st.sampled_from(Severity),
    at=st.timedeltas(timedelta(0), timedelta(days=1)).map(lambda passed: NOW + passed),
    text=TEXTS,
    application=MAYBE,
    environment=MAYBE,
    version_label=MAYBE,
    by=MAYBE,
    previous_version=MAYBE,
    rollback_version=MAYBE,
    duration_seconds=st.none() | st.integers(0, 10**9),
    progress=st.none() | st.builds(Progress, done=st.integers(-1, 9), instances=st.integers(0, 9)),
    health=st.none()
    | st.builds(
        HealthChange,
        previous=st.sampled_from(Health),
        current=st.sampled_from(Health),
        causes=st.lists(TEXTS, max_size=12),
        instances=st.dictionaries(TEXTS, st.integers(0, 9), max_size=5),
    ),
    events=st.lists(TEXTS, max_size=12),
    next_step=MAYBE,
    expires_at=st.just(0),
)
NOTIFICATIONS = st.builds(Notification, alert=ALERTS, channel=MAYBE, link=LINKS)


@given(NOTIFICATIONS, st.lists(ALERTS, max_size=12), MAYBE)
def test_messages_are_within_slacks_limits_and_mention_nobody(notified, earlier, note):
    assert_sound(message(notified, earlier, note))
    assert_sound(message(notified, earlier, note).plain)


@given(st.lists(ALERTS, min_size=1, max_size=11))
def test_threads_and_summaries_are_within_slacks_limits_and_mention_nobody(several):
    assert_sound(reply([thread_entry(alert) for alert in several]))
    assert_sound(summary(several * 4, "a <note>"))


def at(alert: Alert, minutes: int) -> Alert:
    return msgspec.structs.replace(alert, at=NOW + timedelta(minutes=minutes))


def as_sent(sent: SlackMessage) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(msgspec.json.encode(sent))
    return plain


def assert_sound(sent: SlackMessage) -> None:
    """By Block Kit's reference. Above the total, Slack answers `msg_blocks_too_long`."""
    assert 0 < len(sent.text) < 4000
    assert_harmless(sent.text)
    blocks = [*sent.blocks, *(block for attachment in sent.attachments for block in attachment["blocks"])]
    assert len(blocks) <= 50
    for attachment in sent.attachments:
        assert 0 < len(attachment["blocks"]) <= 6
    for block in blocks:
        match block:
            case {"type": "section", "text": text}:
                assert_text(text, 3000)
            case {"type": "section", "fields": fields}:
                assert 0 < len(fields) <= 10
                for field in fields:
                    assert_text(field, 2000)
            case {"type": "context", "elements": elements}:
                assert 0 < len(elements) <= 10
                for element in elements:
                    assert_text(element, 3000)
            case _:
                pytest.fail(f"unexpected block: {block}")
    assert sum(len(text) for text in texts(blocks)) < 12_000


def assert_text(text: dict[str, Any], most: int) -> None:
    assert text["type"] == "mrkdwn"
    assert text["verbatim"] is True
    assert 0 < len(text["text"]) <= most
    assert_harmless(text["text"])


def assert_harmless(text: str) -> None:
    """Only the link to the console is in angle brackets."""
    alone = re.sub(r"<https://[^<>|`\s]*\|Console>", "", text)
    assert not set("<>") & set(alone)
    assert not re.search(r"@(here|channel|everyone)\b", alone, re.IGNORECASE)
    assert alone.count("`") % 2 == 0


def texts(blocks: list[dict[str, Any]]) -> Iterator[str]:
    for block in blocks:
        for text in [block.get("text"), *block.get("fields", []), *block.get("elements", [])]:
            if text:
                yield text["text"]


def test_a_build_is_a_link_and_a_quoted_line_of_a_log_calls_nobody():
    hostile = "Caused by <!channel> @here https://evil.test <https://evil.test|click>"
    told = new_alert(
        Kind.DEPLOYMENT_FAILED,
        "d/1",
        NOW,
        "it failed",
        origin=Origin(build="https://ci.acme.test/42?a=1&b=2", changes="<!channel>"),
        log_lines=[hostile],
    )
    whole = json.dumps(msgspec.to_builtins(message(Notification(alert=told))), ensure_ascii=False)
    for shown in (whole, thread_entry(told)):
        assert "> Caused by &lt;!channel&gt; @" in shown
        assert not [call for call in ("@here", "<!channel>", "|click>") if call in shown]
    assert "<https://ci.acme.test/42?a=1&amp;b=2|https://ci.acme.test/42?a=1&amp;b=2>" in whole

"""The page that shows a channel in a browser."""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebhookClient

from local.slack import mrkdwn

from .conftest import Served

HERE = "C0WARDROP01"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* and _italic_ and ~gone~", "<b>bold</b> and <i>italic</i> and <s>gone</s>"),
        ("*bold with _italic_ in it*", "<b>bold with <i>italic</i> in it</b>"),
        ("snake_case_name, 2*3*4, a ~ b ~ c", "snake_case_name, 2*3*4, a ~ b ~ c"),
        ("* not bold *", "* not bold *"),
        ("`*code*`", "<code>*code*</code>"),
        ("a\n```\none\n *two*\n```\nb", "a<pre>one\n *two*</pre>b"),
        ("a &amp;&lt;b&gt;", "a &amp;&lt;b&gt;"),
        ("&amp;lt;", "&amp;lt;"),
        ("<https://e.com/?a=1&amp;b=2|here>", '<a href="https://e.com/?a=1&amp;b=2">here</a>'),
        ("<https://e.com>", '<a href="https://e.com">https://e.com</a>'),
        ("<!here> <@U123>", "<span class=mention>@here</span> <span class=mention>@U123</span>"),
        ("<!date^1767225600^{date_short} at {time}|then>", "01 Jan 2026 at 00:00 UTC"),
        ("<!date^soon^{time}|then>", "then"),
        ("&gt; one\n> two\nthree", "<blockquote>one<br>two</blockquote>three"),
        ("one\ntwo", "one<br>two"),
        (":rocket: :no_such_one: 10:30:00", "🚀 :no_such_one: 10:30:00"),
    ],
)
def test_mrkdwn_is_shown_as_slack_shows_it(text: str, html: str) -> None:
    assert mrkdwn.html(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "*<img src=x onerror=alert(1)>*",
        "`<script>`",
        "```<script>```",
        "<javascript:alert(1)|click>",
        '<https://e.com/" onmouseover="alert(1)|x>',
        "<https://e.com|<script>>",
        "<!<script>>",
        "&gt; <script>",
    ],
)
def test_nothing_in_a_message_is_html(text: str) -> None:
    for html in (mrkdwn.html(text), mrkdwn.plain(text)):
        tags = re.findall(r"<[^>]*>", html)
        assert all(
            re.fullmatch(r'</?(a|b|br|code|pre|span|blockquote)( (href="https://[^"]*"|class=mention))?>', t)
            for t in tags
        )
        assert unescape(re.sub(r"<[^>]*>", "", html)).strip()


def test_dangerous_content_of_a_message_is_text_on_the_page(slack: Served) -> None:
    evil = '"><script>alert(1)</script>'
    field = {"type": "mrkdwn", "text": evil}
    button = {"type": "button", "text": {"type": "plain_text", "text": evil}, "url": "javascript:alert(1)"}
    image = {"type": "image", "image_url": "javascript:alert(1)", "alt_text": evil}
    blocks: list[Any] = [
        {"type": "header", "text": {"type": "plain_text", "text": evil}},
        {"type": "section", "text": field, "fields": [field], "accessory": image},
        {"type": "context", "elements": [field, image]},
        {"type": "actions", "elements": [button]},
        {"type": "markdown", "text": evil},
    ]
    attachment = {"color": f"red{evil}", "title": evil, "title_link": "javascript:x", "text": evil, "footer": evil}
    slack.client.chat_postMessage(channel=HERE, text=evil, blocks=blocks, attachments=[attachment, {"blocks": blocks}])
    page = slack.get("/")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert "javascript:" not in page


def test_an_empty_channel_says_so_and_each_channel_has_its_page(slack: Served) -> None:
    assert "Nothing has been said here yet" in slack.get("/")
    slack.client.chat_postMessage(channel=HERE, text="here it is")
    assert "here it is" in slack.get("/?channel=wardrop")
    assert "Nothing has been said here yet" in slack.get("/?channel=elsewhere")


# The page in a browser

CHROMIUM = "chromium"
SCRIPT = """<script>addEventListener("load", () => {
  const see = node => {
    const {left, top, height} = node.getBoundingClientRect();
    const {backgroundColor, fontWeight} = getComputedStyle(node);
    return {text: node.innerText, left, top, height, colour: backgroundColor, weight: fontWeight};
  };
  const all = query => [...document.querySelectorAll(query)].map(see);
  const shown = {messages: all("main > .message"), replies: all(".thread .message"), bars: all(".bar"),
                bold: all("b"), links: all("main a"), wide: document.documentElement.scrollWidth > innerWidth};
  document.body.replaceChildren(Object.assign(document.createElement("pre"), {textContent: JSON.stringify(shown)}));
});</script>"""
"""Replaces the page by a JSON document of what the browser shows."""


def browser(*arguments: str) -> str:
    path = shutil.which(CHROMIUM)
    assert path, "chromium is not installed: apt-get install chromium"
    command = [path, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1000,1200", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def fill(slack: Served) -> None:
    post, update = slack.client.chat_postMessage, slack.client.chat_update
    blocks: list[Any] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": ":white_check_mark: *shop-42* is live on *shop-prod*"}},
        {
            "type": "section",
            "fields": [
                {"type": "mrkdwn", "text": "*Dropped by*\njenkins"},
                {"type": "mrkdwn", "text": "*Instances*\n4"},
            ],
        },
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "took 4 min · `1f3a9c`"}]},
    ]
    first = post(channel=HERE, text="shop-42: deploying", attachments=[{"color": "#daa038", "text": "deploying"}])
    update(channel=HERE, ts=first["ts"], text="shop-42: live", attachments=[{"color": "#2eb886", "blocks": blocks}])
    for text in ("2 of 4 instances run it", "baking &amp; well"):
        post(channel=HERE, thread_ts=first["ts"], text=text)
    quoted = "*shop-43* was taken back:\n&gt; 5xx &lt;all&gt; over"
    trouble = f"{quoted}\n```migrate failed\nexit 1```\nSee <https://e.com/|the events>."
    post(channel=HERE, text="shop-43", attachments=[{"color": "#a30200", "text": trouble}])
    WebhookClient(slack.hook()).send(text="by webhook " + "x" * 300)


@pytest.mark.real
def test_a_person_sees_threads_edits_and_colours_in_a_browser(slack: Served, tmp_path: Path) -> None:
    fill(slack)
    # The browser runs SCRIPT in a copy of the page, which reports what the browser shows.
    copy = tmp_path / "page.html"
    copy.write_text(
        re.sub(r'<meta http-equiv="refresh"[^>]*>', "", slack.get("/")).replace("</body>", SCRIPT + "</body>")
    )
    dom = browser("--virtual-time-budget=2000", "--dump-dom", copy.as_uri())
    shown = json.loads(unescape(dom.partition("<pre>")[2].partition("</pre>")[0]))
    first, trouble, by_webhook = shown["messages"]
    replies = shown["replies"]
    assert "deploying" not in first["text"]
    assert "shop-42: live (edited)" in first["text"]
    assert "✅ shop-42 is live on shop-prod" in first["text"]
    assert "2 replies" in first["text"]
    assert ["2 of 4 instances run it" in replies[0]["text"], "baking & well" in replies[1]["text"]] == [True, True]
    assert all(reply["left"] > first["left"] for reply in replies)
    assert first["top"] < replies[0]["top"] < replies[1]["top"] < trouble["top"] < by_webhook["top"]
    assert [bar["colour"] for bar in shown["bars"]] == ["rgb(46, 184, 134)", "rgb(163, 2, 0)"]
    assert all(bar["height"] > 40 for bar in shown["bars"])
    assert "5xx <all> over" in trouble["text"]
    assert all(mark not in trouble["text"] for mark in ("*", "`", "&", "|"))
    assert {"shop-42", "shop-43"} <= {bold["text"] for bold in shown["bold"] if int(bold["weight"]) >= 700}
    assert "the events" in {link["text"] for link in shown["links"]}
    assert not shown["wide"]


@pytest.mark.real
def test_the_page_is_drawn(slack: Served, tmp_path: Path) -> None:
    fill(slack)
    picture = tmp_path / "page.png"
    browser("--hide-scrollbars", f"--screenshot={picture}", f"{slack.url}/")
    assert picture.read_bytes().startswith(b"\x89PNG")

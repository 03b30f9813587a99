"""`make pictures`: every kind of alert as a letter and as Slack shows it, for docs/every-alert.md."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from local.slack.page import page
from local.slack.workspace import HERE, Message
from tests.unit.alert_samples import SAMPLES, notification
from wardrop.alerts.document import publication
from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert
from wardrop.slack.client import Posted
from wardrop.slack.message import SlackMessage, message
from wardrop.slack.post import Pace, PostToSlack, Workspace
from wardrop.slack.thread import Thread

DOCS = Path(__file__).resolve().parents[1] / "docs"
DOCUMENT, FOLDER = DOCS / "every-alert.md", DOCS / "pictures"
CHANNEL, WIDTH = "wardrop", 760
STORIES = {
    "deployment": [
        Kind.DEPLOYMENT_QUEUED,
        Kind.DEPLOYMENT_STARTED,
        Kind.DEPLOYMENT_PROGRESSED,
        Kind.DEPLOYMENT_BAKING,
        Kind.DEPLOYMENT_SUCCEEDED,
    ],
    "taken-back": [
        Kind.DEPLOYMENT_QUEUED,
        Kind.DEPLOYMENT_STARTED,
        Kind.DEPLOYMENT_ROLLING_BACK,
        Kind.DEPLOYMENT_ROLLED_BACK,
    ],
    "incident": [Kind.INCIDENT_OPENED, Kind.INCIDENT_WORSENED, Kind.INCIDENT_RECOVERED],
}
"""What a channel shows with a bot token: one message, edited, and its thread."""

PER_PICTURE = 10
BY_KIND = {sample.kind: sample for sample in SAMPLES}


class Gateway:
    """Slack, as far as a page needs it."""

    edits = True

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.now = 0.0

    def post(self, _channel: str, text: SlackMessage, thread_ts: str | None = None, **_: Any) -> Posted:
        self.now += 1
        ts = f"{self.now:.6f}"
        shown = Message(HERE, ts, text.text, text.blocks, text.attachments, thread_ts)
        self.messages.append(shown)
        return Posted(HERE, ts)

    def edit(self, _channel: str, ts: str, text: SlackMessage) -> None:
        shown = next(one for one in self.messages if one.ts == ts)
        shown.text, shown.blocks, shown.attachments = text.text, text.blocks, text.attachments


class Threads(dict[tuple[str, str], Thread]):
    def read(self, channel: str, subject: str) -> Thread:
        return self.get((channel, subject), Thread())

    def keep(self, channel: str, subject: str, thread: Thread) -> None:
        self[channel, subject] = thread


class NoSecret:
    def read(self) -> str:
        return ""


def story(alerts: Sequence[Alert]) -> list[Message]:
    """As post_to_slack tells it, one alert after the other."""
    slack, secret, threads = Gateway(), NoSecret(), Threads()
    workspace = Workspace(cast(Any, secret), lambda _: slack)
    post = PostToSlack(workspace, cast(Any, threads), Pace(sleep=lambda _: None), f"#{CHANNEL}")
    for one in alerts:
        slack.now = one.at.timestamp()
        outcome = post([notification(one)], one.at + timedelta(seconds=1), lambda: 60.0)
        assert outcome.trouble is None
        assert not outcome.refused
    return slack.messages


def alone(alerts: Iterable[Alert]) -> list[Message]:
    """Each as a message of its own, as an incoming webhook posts them."""
    shown = [(one, message(notification(one))) for one in alerts]
    return [Message(HERE, f"{one.at.timestamp():.6f}", text.text, text.blocks, text.attachments) for one, text in shown]


def pictures() -> dict[str, list[Message]]:
    """By name: the stories, then every kind, the kinds in the order of the document."""
    found = {name: story([BY_KIND[kind] for kind in kinds]) for name, kinds in STORIES.items()}
    for start in range(0, len(SAMPLES), PER_PICTURE):
        found[f"kinds-{start // PER_PICTURE + 1}"] = alone(SAMPLES[start : start + PER_PICTURE])
    return found


def document() -> str:
    """The whole of docs/every-alert.md."""
    parts = [
        "# Every alert\n\nMade by `make pictures`, of one sample of each kind; "
        "[alerts.md](alerts.md) says when each comes and where it goes.\n",
        "## In Slack, with a bot token\n\nOne message for a deployment and for an incident, edited as it proceeds, "
        "with what happened in its thread.\n",
        *(f"![{name}](pictures/{name}.png)\n" for name in STORIES),
    ]
    for start in range(0, len(SAMPLES), PER_PICTURE):
        some = SAMPLES[start : start + PER_PICTURE]
        parts.append(f"## {some[0].kind} to {some[-1].kind}\n")
        parts.append(f"![each as a message](pictures/kinds-{start // PER_PICTURE + 1}.png)\n")
        for one in some:
            letter = publication(notification(one))
            parts.append(f"```\nSubject: {letter.subject}\n\n{letter.text}\n```\n")
    return "\n".join(parts)


def draw(name: str, messages: Sequence[Message], chromium: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        html = Path(folder) / "page.html"
        measuring = "<script>document.title = document.documentElement.scrollHeight</script>"
        html.write_text(page(messages, CHANNEL) + measuring, "utf-8")
        command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += [f"--user-data-dir={folder}/profile", "--no-first-run", "--disable-background-networking"]

        def run(height: int, *asked: str) -> str:
            size = f"--window-size={WIDTH},{height}"
            done = subprocess.run([*command, size, *asked, html.as_uri()], capture_output=True, text=True, check=True)
            return done.stdout

        title = re.search(r"<title>(\d+)</title>", run(100, "--dump-dom"))
        if title is None:
            raise RuntimeError(f"{name}: the page says nothing of its height")
        run(int(title[1]), f"--screenshot={FOLDER / f'{name}.png'}")


def main(chromium: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, messages in pictures().items():
        draw(name, messages, chromium)
    DOCUMENT.write_text(document(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])

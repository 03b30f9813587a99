"""`make pictures`: draws every kind of alert as an e-mail and as a message in Slack, for docs/every-alert.md."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from local.slack.page import page
from local.slack.workspace import HERE, Message
from tests.unit.alert_samples import SAMPLES, notification
from wardrop.alerts.document import publication
from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert
from wardrop.slack.api import Posted
from wardrop.slack.blocks import SlackMessage
from wardrop.slack.connection import Connection
from wardrop.slack.message import message
from wardrop.slack.pace import Pace
from wardrop.slack.post import PostToSlack
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
    "rolled-back": [
        Kind.DEPLOYMENT_QUEUED,
        Kind.DEPLOYMENT_STARTED,
        Kind.DEPLOYMENT_ROLLING_BACK,
        Kind.DEPLOYMENT_ROLLED_BACK,
    ],
    "incident": [Kind.INCIDENT_OPENED, Kind.INCIDENT_WORSENED, Kind.INCIDENT_RECOVERED],
}
"""Pictures of a channel with a bot token. Each shows one edited message and its thread."""

PER_PICTURE = 10
BY_KIND = {sample.kind: sample for sample in SAMPLES}


class Gateway:
    """Replaces Slack. It collects the messages of a page."""

    edits = True

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.now = 0.0

    def post(self, _channel: str, text: SlackMessage) -> Posted:
        return Posted(HERE, self._add(text, None))

    def reply(self, posted: Posted, text: SlackMessage, **_: bool) -> None:
        self._add(text, posted.ts)

    def edit(self, posted: Posted, text: SlackMessage) -> None:
        edited = next(message for message in self.messages if message.ts == posted.ts)
        edited.text, edited.blocks, edited.attachments = text.text, text.blocks, text.attachments

    def _add(self, text: SlackMessage, thread_ts: str | None) -> str:
        self.now += 1
        ts = f"{self.now:.6f}"
        self.messages.append(Message(HERE, ts, text.text, text.blocks, text.attachments, thread_ts))
        return ts


class MemoryThreads(dict[tuple[str, str], Thread]):
    def read(self, channel: str, subject: str) -> Thread:
        return self.get((channel, subject), Thread())

    def keep(self, channel: str, subject: str, thread: Thread) -> None:
        self[channel, subject] = thread


class NoSecret:
    def read(self) -> str:
        return ""


def story(alerts: Sequence[Alert]) -> list[Message]:
    """The messages that post_to_slack posts with a bot token, for one alert after the other."""
    slack = Gateway()
    pace = Pace(clock=lambda: 0.0, sleep=lambda _: None)
    post = PostToSlack(Connection(NoSecret(), lambda _: slack), MemoryThreads(), pace, f"#{CHANNEL}")
    for alert in alerts:
        slack.now = alert.at.timestamp()
        outcome = post([notification(alert)], alert.at + timedelta(seconds=1), lambda: 60.0)
        assert outcome.trouble is None
        assert not outcome.refused
    return slack.messages


def alone(alerts: Iterable[Alert]) -> list[Message]:
    """The messages of an incoming webhook, one for each alert."""
    messages = [(alert.at.timestamp(), message(notification(alert))) for alert in alerts]
    return [Message(HERE, f"{at:.6f}", text.text, text.blocks, text.attachments) for at, text in messages]


def pictures() -> dict[str, list[Message]]:
    """The pictures by name: the stories, and then all kinds in the order of the document."""
    messages = {name: story([BY_KIND[kind] for kind in kinds]) for name, kinds in STORIES.items()}
    for start in range(0, len(SAMPLES), PER_PICTURE):
        messages[f"kinds-{start // PER_PICTURE + 1}"] = alone(SAMPLES[start : start + PER_PICTURE])
    return messages


def document() -> str:
    """The content of docs/every-alert.md."""
    parts = [
        "# Every alert\n\n`make pictures` writes this page from one sample of each kind. "
        "[alerts.md](alerts.md) says when and where each kind is sent.\n",
        "## In Slack, with a bot token\n\nEach deployment and each incident has one message. Wardrop edits the message "
        "to show the present state, and posts each change as a reply in the message's thread.\n",
        *(f"![{name}](pictures/{name}.png)\n" for name in STORIES),
    ]
    for start in range(0, len(SAMPLES), PER_PICTURE):
        some = SAMPLES[start : start + PER_PICTURE]
        parts.append(f"## From {some[0].kind} through {some[-1].kind}\n")
        parts.append(f"![each as a message](pictures/kinds-{start // PER_PICTURE + 1}.png)\n")
        for alert in some:
            email = publication(notification(alert))
            parts.append(f"```\nSubject: {email.subject}\n\n{email.text}\n```\n")
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
            raise RuntimeError(f"{name}: the page does not state its height")
        run(int(title[1]), f"--screenshot={FOLDER / f'{name}.png'}")


def main(chromium: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, messages in pictures().items():
        draw(name, messages, chromium)
    DOCUMENT.write_text(document(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])

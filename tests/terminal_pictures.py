"""`make pictures`: draws terminals with sessions of the command on the stand-in, for README.md."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from local.beanstalk.seed import sound_war
from local.cloud import Cloud
from local.settings import REGION

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
COLUMNS, LINES = 100, 40
SPEED = 30
"""Slower than in tests, so that a picture can show a deployment in progress."""

CONFIGURATION = "environments: [{name: shop-staging, bake: 5s}, {name: shop-prod, bake: 5s}]"
MOVES = re.compile(r"(\r|\n|\x1b\[[0-9;?]*[A-HJKhl])")


@dataclass(frozen=True)
class Picture:
    name: str
    command: str
    is_wanted: Callable[[str], bool]
    """The condition for the picture. The last screen for which it is true is drawn."""


PICTURES = (
    Picture(
        "drop",
        "wardrop drop shop-42.war --env shop-staging --wait",
        lambda screen: "shop-0 " in screen and "shop-42 " in screen and "Batch 1" in screen,
    ),
    Picture("status", "wardrop status", lambda screen: "shop-staging" in screen),
)


class Screen:
    """The content of a terminal. It supports the output of rich: lines, and moves of the cursor between lines."""

    def __init__(self) -> None:
        self._lines: list[str] = [""]
        self._row = 0
        self._is_new = False

    def write(self, text: str) -> None:
        for part in MOVES.split(text):
            if part == "\n":
                self._go_to(self._row + 1)
            elif part == "\r" or part.endswith("K"):
                self._is_new = True
            elif part.endswith("A"):
                self._go_to(self._row - int(part[2:-1] or 1))
            elif part.endswith("H"):
                self._go_to(0)
            elif part.endswith("J"):
                del self._lines[self._row :]
                self._go_to(self._row)
            elif part and not MOVES.fullmatch(part):
                self._lines[self._row] = part if self._is_new else self._lines[self._row] + part
                self._is_new = False

    def _go_to(self, row: int) -> None:
        self._row = max(row, 0)
        self._lines += [""] * (self._row + 1 - len(self._lines))
        self._is_new = True

    @property
    def text(self) -> str:
        return "\n".join(self._lines).rstrip()


def screens(command: str, folder: Path, cloud: Cloud) -> Iterator[str]:
    """The screens of a command with colours, one after each output."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    environment = {
        "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}",
        "HOME": str(folder),
        "TERM": "xterm-256color",
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
    }
    process = subprocess.Popen(
        ["bash", "-c", command], cwd=folder, env=environment, stdin=its, stdout=its, stderr=subprocess.STDOUT
    )
    os.close(its)
    screen = Screen()
    while written := _read(ours):
        screen.write(written)
        yield screen.text
    os.close(ours)
    process.wait()


def _read(terminal: int) -> str:
    """The next output. Empty: no process has the terminal open any more."""
    try:
        return os.read(terminal, 65536).decode(errors="ignore")
    except OSError:
        return ""


def draw(picture: Picture, folder: Path, cloud: Cloud) -> None:
    chosen = [text for text in screens(picture.command, folder, cloud) if picture.is_wanted(Text.from_ansi(text).plain)]
    if not chosen:
        raise RuntimeError(f"{picture.command} never showed what the picture should show")
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(chosen[-1]), soft_wrap=True)
    console.save_svg(str(FOLDER / f"{picture.name}.svg"), title=f"$ {picture.command}", unique_id=picture.name)


def main() -> None:
    with Cloud(speed=SPEED) as cloud, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "shop-42.war").write_bytes(sound_war("shop-42"))
        cloud.client("ssm").put_parameter(Name="/wardrop/applications/shop", Value=CONFIGURATION, Type="String")
        for picture in PICTURES:
            draw(picture, folder, cloud)


if __name__ == "__main__":
    main()

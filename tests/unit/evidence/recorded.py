"""Reads deployment logs and ends of instances' logs from files, each with the cause that a person would name.

Tomcat 10.1 on OpenJDK 17 wrote the logs of `tomcat_10.txt` for broken web applications. Its `logging.properties` is
Tomcat's own: the stack traces of listeners, filters and servlets are in the log of the host, not in Catalina's log.
The logs of `first.txt`, `second.txt` and `third.txt` have the forms that frameworks, cfn-init, the engine and the
kernel write. They were written before the rules that recognize them.

A log begins with `=== name`. `cause` and `secret` have several texts, divided by ` | `. `^[` is an escape character.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "logs"


@dataclass(frozen=True)
class Recorded:
    name: str
    cause: tuple[str, ...]
    """Texts that the sentence must contain. Empty: the log names no cause."""

    secrets: tuple[str, ...]
    content: bytes


def recorded_logs() -> Iterator[Recorded]:
    for file in sorted(FOLDER.glob("*.txt")):
        for block in file.read_text(encoding="utf-8").split("\n=== "):
            name, _, rest = block.removeprefix("=== ").partition("\n")
            head, _, body = rest.partition("--\n")
            fields = dict(line.split(": ", 1) for line in head.splitlines())
            end = "\r\n" if "crlf" in fields else "\n"
            content = body.replace("^[", "\x1b").replace("\n", end).encode()
            cause = () if fields["cause"] == "none" else tuple(fields["cause"].split(" | "))
            yield Recorded(name, cause, tuple(filter(None, fields.get("secret", "").split(" | "))), content)

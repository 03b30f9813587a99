"""The file that lists what a run makes. Each entry is written before the call that makes it."""

import json
import threading
from pathlib import Path
from typing import Any, NamedTuple


class Made(NamedTuple):
    kind: str
    """`role`, `profile`, `bucket`, `queue`, `rule` or `application`."""
    name: str


class Ledger:
    """A run whose process ends without removing everything can be removed later by means of this file."""

    def __init__(self, file: Path, about: dict[str, Any]) -> None:
        """`about` is the account, the region and the endpoint of the run."""
        self.file, self.about = file, about
        self._made: list[Made] = []
        self._lock = threading.Lock()

    @classmethod
    def read(cls, file: Path) -> "Ledger":
        held = json.loads(file.read_text())
        ledger = cls(file, held["about"])
        ledger._made = [Made(*each) for each in held["made"]]
        return ledger

    @property
    def made(self) -> list[Made]:
        """The newest first, which is the order of removal."""
        return self._made[::-1]

    def add(self, kind: str, name: str) -> str:
        with self._lock:
            self._made.append(Made(kind, name))
            self._write()
        return name

    def removed(self, made: Made) -> None:
        with self._lock:
            self._made.remove(made)
            self._write()

    def _write(self) -> None:
        """Deletes the file if nothing is left."""
        if not self._made:
            self.file.unlink(missing_ok=True)
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps({"about": self.about, "made": self._made}, indent=1) + "\n")
        new.replace(self.file)

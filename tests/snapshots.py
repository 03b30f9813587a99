"""Files beside the tests with texts that people read, so that a review shows each change of a text."""

import difflib
import json
from pathlib import Path
from typing import Any

import pytest

OPTION = "--update-snapshots"


class Snapshot:
    """Compares a value with the file `snapshots/<test module>/<name>`: `.txt` for a text, `.json` for other values."""

    def __init__(self, folder: Path, *, updates: bool) -> None:
        self._folder = folder
        self._updates = updates

    def __call__(self, name: str, value: Any) -> None:
        is_text = isinstance(value, str)
        shown = value if is_text else json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        path = self._folder / f"{name}.{'txt' if is_text else 'json'}"
        if self._updates:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(shown, "utf-8")
            return
        kept = path.read_text("utf-8") if path.exists() else ""
        if shown != kept:
            lines = difflib.unified_diff(kept.splitlines(), shown.splitlines(), str(path), "now", lineterm="")
            pytest.fail("\n".join([*lines, f"If this is meant: pytest {OPTION}"]), pytrace=False)

"""Runs a target on generated inputs. Inputs that fail are shrunk and written to files."""

import base64
import hashlib
import json
import pickle
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.target import Target
from tests.limits import limited

FOLDER = Path(".fuzz")
"""The inputs that failed."""

EXAMPLES = 200


def fuzz(target: Target, seconds: float, start: int) -> int:
    """Runs generated inputs for so many seconds. Returns their number.

    Raises the error of a shrunk input. The attribute `fuzzed` of the error contains the input. Each round has another
    seed, because a round begins with simple inputs.
    """
    inputs = 0

    def run(value: Any) -> None:
        nonlocal inputs
        inputs += 1
        try:
            limited(target.run, value)
        except Exception as error:  # it is raised again with its input
            error.fuzzed = value  # type: ignore[attr-defined] # hypothesis raises the error of the shrunk input
            raise

    ends = time.monotonic() + seconds
    for number in count(start):
        _round(target, run, number, EXAMPLES)
        if time.monotonic() > ends:
            return inputs
    raise AssertionError("count() has no end")


def _round(target: Target, run: Callable[[Any], None], number: int, examples: int) -> None:
    configured = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        print_blob=False,
        report_multiple_bugs=False,
    )
    seed(number)(configured(given(target.inputs)(run)))()


def input_of(error: BaseException) -> Any:
    """The input that caused the error. A flaky error is a group of the errors of several runs. None: not known."""
    errors = (error, *getattr(error, "exceptions", ()))
    return next((each.fuzzed for each in errors if hasattr(each, "fuzzed")), None)


def kept(folder: Path, name: str, value: Any) -> Path:
    """Writes an input to a file, from which `make fuzz` runs it again."""
    folder.mkdir(parents=True, exist_ok=True)
    content = pickle.dumps(value)
    path = folder / f"{name}-{hashlib.sha256(content).hexdigest()[:16]}.json"
    path.write_text(json.dumps({"input": repr(value)[:100_000], "pickle": base64.b64encode(content).decode()}))
    return path


def restored(path: Path) -> Any:
    return pickle.loads(base64.b64decode(json.loads(path.read_text())["pickle"]))  # noqa: S301 - written by `kept`

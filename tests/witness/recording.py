"""The recordings: one JSON document for each scenario, with the record of each step."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathTypeError

from tests.witness import masking

Record = dict[str, Any]
Recording = dict[str, Any]


def shape(answer: Any, path: str = "") -> list[str]:
    """The path and type of each element of an answer. The elements of a list are one path, `Events[].Message`."""
    match answer:
        case dict():
            return sorted({each for name in answer for each in shape(answer[name], f"{path}.{name}".lstrip("."))})
        case list():
            return sorted({each for held in answer for each in shape(held, f"{path}[]")}) or [f"{path}[]: empty"]
        case datetime():
            return [f"{path}: time"]
    return [f"{path}: {type(answer).__name__}"]


def search(query: str, record: Any) -> Any:
    """The result of a JMESPath. None: nothing was found, or an answer does not have the expected form."""
    try:
        return jmespath.search(query, record)
    except JMESPathTypeError:
        return None


def write(folder: Path, recording: Recording, names: dict[str, str]) -> Path:
    """Masks a recording and writes it. `names` are the literal texts to mask. Raises masking.Unmasked."""
    masked = masking.Mask(names)(recording)
    text = json.dumps(masked, indent=1, ensure_ascii=False) + "\n"
    masking.check(text, names)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{recording['scenario']}.json"
    file.write_text(text)
    return file


def read(folder: Path) -> dict[str, Recording]:
    """The recordings of a folder by scenario."""
    return {file.stem: json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))}


def steps(recording: Recording) -> dict[str, Record]:
    listed: Iterable[Record] = recording["steps"]
    return {record["step"]: record for record in listed}

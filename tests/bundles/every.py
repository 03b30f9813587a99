"""All bundles whose behaviour is known."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

from tests.bundles.bundle import FAILS, LIVE, NOT_FOUND, Bundle
from tests.bundles.written import written_bundles

RECORDED = Path(__file__).with_name("recorded.json")


def every_bundle() -> list[Bundle]:
    return [*written_bundles(), *recorded_bundles()]


def recorded_bundles() -> Iterator[Bundle]:
    """The bundles of real tools, which `record.py` has recorded."""
    for file, recorded in json.loads(RECORDED.read_text()).items():
        content = base64.b64decode(recorded.pop("content"))
        beanstalk = FAILS if recorded["exit_code"] else NOT_FOUND if recorded["reason"] else LIVE
        yield Bundle(file=file, content=content, beanstalk=beanstalk, **recorded)

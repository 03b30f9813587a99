"""Each failure case of the document names a test that exists."""

import re

from tests.unit.samples import ROOT
from wardrop.deployments.state import State

ROW = re.compile(r"^\| (\d+) \|.*\| `(tests/[\w/]+\.py)::(?:\w+::)?(\w+)` \|$", re.MULTILINE)


def test_every_case_is_shown_by_a_test_that_is_there():
    rows = ROW.findall((ROOT / "docs/failure-cases.md").read_text())
    numbers = [int(number) for number, _, _ in rows]
    assert numbers == sorted(set(numbers))
    assert set(numbers) >= {*range(1, 31), 36}
    for number, path, name in rows:
        assert re.search(rf"def {name}\(", (ROOT / path).read_text()), f"case {number}: {path} has no {name}"


def test_the_operators_document_names_every_state():
    document = (ROOT / "docs/operations.md").read_text()
    assert all(f"`{state}`" in document for state in State)

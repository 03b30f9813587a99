"""The documents point to files and functions that exist."""

import re
from pathlib import Path

import pytest

from tests.unit.samples import ROOT

LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)(?: `(\w+)`)?")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_and_to_the_function_named_beside_it(document: Path):
    for target, name in LINK.findall(document.read_text()):
        path = document.parent / target
        assert path.exists(), f"{document.name} links to {target}, which does not exist"
        if name and path.suffix == ".py":
            assert re.search(rf"^(?:def|class) {name}\b", path.read_text(), re.MULTILINE), f"{target} has no {name}"

"""docs/ledger.md shows each item as the ledger writes it, and docs/architecture.md has a row for each key."""

import re
from typing import NamedTuple

from tests.ledger_document import DOCUMENT, document, items
from tests.unit.samples import ROOT
from wardrop.aws.ledger.item import Key


class Row(NamedTuple):
    pk: str
    sk: str

    def describes(self, key: Key) -> bool:
        return all(re.fullmatch(_pattern(form), text) for form, text in zip(self, (key.pk, key.sk), strict=True))


def _pattern(form: str) -> str:
    return "".join(".+" if part.startswith("<") else re.escape(part) for part in re.split(r"(<[^>]*>)", form))


def rows() -> list[Row]:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("\n## The ledger\n")[2]
    return [Row(*found) for found in re.findall(r"^\| `([^`]+)` \| `?([^`|]+?)`? \|", text, re.MULTILINE)]


def test_the_document_shows_each_item_as_it_is_written_now():
    """If this fails, run: python -m tests.ledger_document"""
    assert DOCUMENT.read_text("utf-8") == document()


def test_the_architecture_has_one_row_for_each_kind_of_item_and_no_other():
    keys = [key for key, _ in items()]
    described = [[row for row in rows() if row.describes(key)] for key in keys]
    assert [key for key, found in zip(keys, described, strict=True) if len(found) != 1] == []
    assert {row for found in described for row in found} == set(rows())

"""Receipts, and the tags that they put on the dropped object."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NOW
from wardrop.drops.receipt import Receipt, ReceiptStatus, tag_value


class TestTagValue:
    def test_a_sentence_keeps_the_characters_that_s3_allows(self):
        assert tag_value("s-1.0: no WAR (no WEB-INF); 100% sure") == "s-1.0: no WAR no WEB-INF - 100 sure"

    @given(st.text())
    def test_every_tag_is_in_s3s_alphabet_and_at_most_256_characters_long(self, text: str):
        made = tag_value(text)
        assert re.fullmatch(r"[A-Za-z0-9 +\-=._:/@]{0,256}", made)
        assert made == made.strip()

    @given(st.text("abc XYZ019+-=._:/@", max_size=256))
    def test_a_valid_tag_loses_only_spaces(self, text: str):
        assert tag_value(text).replace(" ", "") == text.replace(" ", "")


def test_the_status_is_the_first_tag_and_the_reason_the_last():
    receipt = Receipt(drop="d", status=ReceiptStatus.REJECTED, reason="no WAR; drop a WAR", at=NOW)
    assert list(receipt.tags.items()) == [
        ("wardrop-status", "rejected"),
        ("wardrop-version", "none"),
        ("wardrop-deployment", "none"),
        ("wardrop-reason", "no WAR - drop a WAR"),
    ]

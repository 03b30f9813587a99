"""Text by other authors."""

import re
import shlex
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardrop.foreign_text import for_command, for_description, for_tag, one_line, whole_characters

ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""Includes single surrogates, which hypothesis leaves out by default."""


class TestOneLine:
    @pytest.mark.parametrize(
        "separator", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
    )
    def test_no_line_break_of_any_kind_is_left(self, separator: str):
        line = one_line(f"shop.war{separator}Next step  wardrop approve shop-prod")
        assert len(line.splitlines()) == 1
        assert line.split() == ["shop.war", "Next", "step", "wardrop", "approve", "shop-prod"]

    @given(ANY_TEXT)
    def test_every_text_becomes_one_line_that_can_be_sent(self, text: str):
        line = one_line(text)
        assert len(line.splitlines()) <= 1
        assert not re.search("[\x00-\x1f\x7f-\x9f\ufffe\uffff]", line)
        assert line.encode().decode() == line
        assert one_line(line) == line

    def test_ordinary_text_does_not_change(self):
        text = 'my  shop (v2), "blue" + green [x] 🚀 été 商店'
        assert one_line(text) == text

    def test_marks_that_reverse_the_direction_of_text_are_removed(self):
        assert one_line("shop\u202egnp.war") == "shopgnp.war"

    @given(ANY_TEXT, st.integers(1, 50))
    def test_it_is_at_most_as_long_as_its_limit(self, text: str, limit: int):
        assert len(one_line(text, limit)) <= limit


class TestForDescription:
    def test_an_emoji_becomes_a_question_mark(self):
        assert for_description("release 🚀 shop été.war") == "release ? shop été.war"

    @given(ANY_TEXT)
    def test_every_description_is_short_xml_of_the_basic_plane(self, text: str):
        description = for_description(text)
        assert len(description) <= 200
        assert all(character <= "\ufffd" for character in description)
        escaped = description.replace("&", "&amp;").replace("<", "&lt;")
        expat.ParserCreate().Parse(f"<d>{escaped}</d>", True)

    def test_a_long_description_ends_with_dots(self):
        assert for_description("x" * 300) == "x" * 197 + "..."


class TestForTag:
    def test_a_sentence_keeps_the_characters_that_s3_allows(self):
        assert for_tag("s-1.0: no WAR (no WEB-INF); 100% sure") == "s-1.0: no WAR no WEB-INF - 100 sure"

    @given(ANY_TEXT)
    def test_every_tag_is_in_s3s_alphabet_and_at_most_256_characters_long(self, text: str):
        value = for_tag(text)
        assert re.fullmatch(r"[A-Za-z0-9 +\-=._:/@]{0,256}", value)
        assert value == value.strip()

    @given(st.text("abc XYZ019+-=._:/@", max_size=256))
    def test_a_valid_tag_loses_only_spaces(self, text: str):
        assert for_tag(text).replace(" ", "") == text.replace(" ", "")


class TestForCommand:
    def test_a_plain_label_has_no_quotes(self):
        assert for_command("shop-1.2_rc") == "shop-1.2_rc"

    @given(ANY_TEXT)
    def test_a_shell_reads_every_text_as_one_word_and_runs_nothing(self, text: str):
        assert shlex.split(for_command(text)) == [one_line(text)]


def test_two_surrogates_become_the_character_that_they_encode():
    assert whole_characters("\ud83d\ude80 and \ud83d") == "🚀 and \ufffd"

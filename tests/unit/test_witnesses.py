"""Every text of the stand-in's Beanstalk has a source, or the mark that it has none."""

import pytest

from local.settings import ROOT
from tests import witnesses

MARKS = witnesses.data("witnesses")


@pytest.mark.parametrize(
    ("kind", "texts"),
    [("events", set(witnesses.data("events"))), ("causes", witnesses.causes()), ("errors", witnesses.errors())],
)
def test_every_text_has_a_mark(kind: str, texts: set[str]) -> None:
    assert set(MARKS[kind]) == texts


def test_every_mark_is_a_source_with_a_date_or_unwitnessed() -> None:
    marks = {mark for kind in ("events", "causes", "errors") for mark in MARKS[kind].values()}
    assert marks - {witnesses.UNWITNESSED} == set(MARKS["sources"])
    assert all(source["source"] and source["read"] for source in MARKS["sources"].values())


def test_every_transition_of_health_has_a_source_with_a_date_or_is_unwitnessed() -> None:
    for each in witnesses.data("health")["transitions"]:
        assert each["source"] == witnesses.UNWITNESSED or (each["source"].startswith("https://") and each["date"])


def test_the_document_shows_the_share() -> None:
    assert witnesses.sentence() in (ROOT / "docs/stand-in.md").read_text()

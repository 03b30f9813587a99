"""Every belief can be contradicted, and a contradicted belief is always reported."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from local.settings import ROOT
from tests import witnesses
from tests.witness import report
from tests.witness.beliefs import Belief, Verdict, beliefs, holds, judge, sentence
from tests.witness.recording import Recording, read, steps
from tests.witness.scenario import scenarios

STAND_IN = read(report.RECORDINGS / "stand-in")
ERROR = {"Code": "Planted", "Message": "planted", "Type": "Sender", "Status": 400}
names = pytest.mark.parametrize("belief", beliefs(), ids=lambda belief: belief.name)


def changed(belief: Belief, change: Any) -> dict[str, Recording]:
    """The recordings of the stand-in after a change of the step that the belief is about."""
    scenario, step = belief.at.split("/")
    recordings = copy.deepcopy(STAND_IN)
    change(recordings[scenario]["steps"], steps(recordings[scenario])[step])
    return recordings


def test_there_are_forty_beliefs_with_different_names() -> None:
    assert len({belief.name for belief in beliefs()}) == len(beliefs()) >= 40


def test_the_document_shows_the_number_of_beliefs() -> None:
    assert sentence() in (ROOT / "docs/stand-in.md").read_text()


@pytest.mark.parametrize("folder", sorted(report.RECORDINGS.iterdir()), ids=lambda folder: folder.name)
def test_no_recording_contradicts_a_belief(folder: Path) -> None:
    """After a run on AWS, this fails for every belief that AWS contradicts. Then the stand-in must change."""
    recordings = read(folder)
    contradicted = [each for each in beliefs() if judge(each, recordings).verdict is Verdict.CONTRADICTED]
    assert not contradicted, "\n".join(report.lines(folder))


@names
def test_the_stand_in_confirms_the_belief(belief: Belief) -> None:
    judgement = judge(belief, STAND_IN)
    assert judgement.verdict is Verdict.CONFIRMED, judgement.reason


@names
def test_the_belief_can_be_contradicted(belief: Belief) -> None:
    assert belief.otherwise
    assert not [each for each in belief.otherwise if holds(belief, each)]


@names
def test_a_step_that_was_not_carried_out_decides_nothing(belief: Belief) -> None:
    recordings = changed(belief, lambda records, record: records.remove(record))
    assert judge(belief, recordings).verdict is Verdict.UNDECIDED


@names
def test_a_call_that_was_answered_otherwise_does_not_confirm_the_belief(belief: Belief) -> None:
    def swap(_: list[Any], record: dict[str, Any]) -> None:
        if record.pop("error", None) is None:
            record["error"] = ERROR

    assert judge(belief, changed(belief, swap)).verdict is not Verdict.CONFIRMED


@names
def test_an_observation_that_is_not_there_does_not_confirm_the_belief(belief: Belief) -> None:
    def empty(_: list[Any], record: dict[str, Any]) -> None:
        for part in ("answer", "bus", "events", "looks", "shape"):
            record.pop(part, None)

    if not belief.see.startswith("error"):
        assert judge(belief, changed(belief, empty)).verdict is Verdict.UNDECIDED


@names
def test_the_belief_names_a_step_and_a_place_in_the_stand_in(belief: Belief) -> None:
    scenario, step = belief.at.split("/")
    assert step in {each.step for each in scenarios()[scenario].steps} | {"bus"}
    kind, _, mark = belief.where.partition("/")
    if kind in ("causes", "errors", "events"):
        assert mark in witnesses.data("witnesses")[kind]
    elif kind == "health":
        assert mark in {each["when"] for each in witnesses.data("health")["transitions"]}
    else:
        assert (ROOT / belief.where).is_file()


def test_a_contradiction_is_in_the_report_and_in_the_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    for file in (report.RECORDINGS / "stand-in").iterdir():
        text = file.read_text().replace('"source": "stand-in"', '"source": "AWS"')
        (tmp_path / file.name).write_text(text.replace("Sending all traffic to", "Shifting all traffic to"))
    assert report.show(tmp_path) == 3
    shown = capsys.readouterr().out
    assert "AWS, " in shown
    assert "contradicted: splitting-done (splitting/deploy)" in shown
    assert "Shifting all traffic to" in shown
    assert re.search(r"\d+ beliefs: \d+ confirmed, 1 contradicted, 0 undecided", shown)


def test_fields_that_only_one_of_two_answers_has_are_reported() -> None:
    observed = copy.deepcopy(STAND_IN)
    shape = steps(observed["calls"])["quotas"]["shape"]
    shape.remove("ResourceQuotas.EnvironmentQuota.Maximum: int")
    shape.append("ResourceQuotas.NewQuota.Maximum: int")
    assert report.shapes(observed, STAND_IN) == [
        "shape of calls/quotas: ResourceQuotas.EnvironmentQuota.Maximum: int, only in the stand-in",
        "shape of calls/quotas: ResourceQuotas.NewQuota.Maximum: int, only here",
    ]


def test_recordings_state_their_source_date_region_and_platform() -> None:
    assert set(STAND_IN) == set(scenarios())
    for recording in STAND_IN.values():
        assert recording["source"] == "stand-in"
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", recording["date"])
        assert recording["region"] == "us-east-1"
        assert "Tomcat 11" in recording["platform"]
        assert recording["ended"] is None

"""The beliefs of `beliefs.yaml`, and the judgement of recordings by them."""

import json
import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml

from tests import witnesses
from tests.witness.recording import Recording, search, steps

FILE = Path(__file__).with_name("beliefs.yaml")


class Verdict(StrEnum):
    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    UNDECIDED = "undecided"


class Judgement(NamedTuple):
    verdict: Verdict
    reason: str
    """The observation, or the reason why nothing was observed."""


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """The bounds of a duration. AWS's durations vary, and a busy machine slows the stand-in down."""

    start: str
    """A pattern of the first event that begins the duration."""
    end: str
    seconds: tuple[float, float]


class Belief(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"equals": "is"}):
    """Exactly one of the last five fields is set."""

    name: str
    believed: str
    """The belief in words."""
    where: str
    """The place of the belief in the stand-in: a mark (`events/…`, `errors/…`, `causes/…`, `health/…`), or a file.

    The marks are in `local/beanstalk/witnesses.json` and `health.json`.
    """
    at: str
    """`scenario/step`."""
    see: str
    """The JMESPath of the observation in the record of the step."""
    otherwise: list[Any]
    """Observations that would contradict the belief."""
    equals: Any = msgspec.UNSET
    in_order: list[str] | msgspec.UnsetType = msgspec.UNSET
    """Patterns. The observed texts match all of them, in this order; other texts may come between."""
    never: str | msgspec.UnsetType = msgspec.UNSET
    """A pattern that no observed text matches."""
    includes: list[Any] | msgspec.UnsetType = msgspec.UNSET
    lasts: Span | msgspec.UnsetType = msgspec.UNSET


@cache
def beliefs() -> list[Belief]:
    return msgspec.convert(yaml.safe_load(FILE.read_text()), list[Belief])


def sentence() -> str:
    """The sentence in docs/stand-in.md."""
    marks = witnesses.data("witnesses")
    sources = {f"{kind}/{text}": marks[kind][text] for kind in ("events", "causes", "errors") for text in marks[kind]}
    sources |= {f"health/{each['when']}": each["source"] for each in witnesses.data("health")["transitions"]}
    unwitnessed = {where for where, source in sources.items() if source == witnesses.UNWITNESSED}
    observed = {belief.where for belief in beliefs()} & unwitnessed
    share = f"{len(observed)} of the {len(unwitnessed)} texts and transitions that are unwitnessed"
    tested = f"The scenarios test {len(beliefs())} assumptions about AWS, which are called beliefs."
    return f"{tested} The beliefs cover {share}."


def judge(belief: Belief, recordings: dict[str, Recording]) -> Judgement:
    """A step that was not carried out, or whose call failed unexpectedly, decides nothing about its other parts."""
    scenario, _, step = belief.at.partition("/")
    record = steps(recordings[scenario]).get(step) if scenario in recordings else None
    if record is None:
        return Judgement(Verdict.UNDECIDED, "the step was not carried out")
    is_of_error = belief.see.startswith("error")
    if "error" in record and not is_of_error:
        error = record["error"]
        return Judgement(Verdict.UNDECIDED, f"the call failed: {error['Code']}: {error['Message']}")
    observed = "no error" if is_of_error and "error" not in record else search(belief.see, record)
    if observed is None or (observed == [] and belief.never is not msgspec.UNSET):
        return Judgement(Verdict.UNDECIDED, f"nothing was observed by {belief.see}")
    verdict = Verdict.CONFIRMED if holds(belief, observed) else Verdict.CONTRADICTED
    return Judgement(verdict, f"observed: {json.dumps(observed, ensure_ascii=False)}")


def holds(belief: Belief, observed: Any) -> bool:
    """Whether an observation is as believed."""
    if belief.equals is not msgspec.UNSET:
        return bool(observed == belief.equals)
    if not isinstance(belief.in_order, msgspec.UnsetType):
        return isinstance(observed, list) and _is_in_order(belief.in_order, observed)
    if not isinstance(belief.never, msgspec.UnsetType):
        texts = observed if isinstance(observed, list) else [observed]
        return not any(re.search(belief.never, json.dumps(text, ensure_ascii=False)) for text in texts)
    if not isinstance(belief.includes, msgspec.UnsetType):
        return isinstance(observed, list) and all(each in observed for each in belief.includes)
    return isinstance(belief.lasts, Span) and _lasts(belief.lasts, observed)


def _lasts(span: Span, events: list[Any]) -> bool:
    first, last = (
        next((each["at"] for each in events if re.search(pattern, each["message"])), None)
        for pattern in (span.start, span.end)
    )
    low, high = span.seconds
    return first is not None and last is not None and low <= last - first <= high


def _is_in_order(patterns: list[str], texts: list[Any]) -> bool:
    rest = iter(texts)
    return all(any(re.search(pattern, str(text)) for text in rest) for pattern in patterns)

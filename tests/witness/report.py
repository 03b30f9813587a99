"""Judges recordings by the beliefs."""

from pathlib import Path

from tests.witness.beliefs import Verdict, beliefs, judge
from tests.witness.recording import Recording, read, steps

RECORDINGS = Path(__file__).with_name("recordings")
"""The recordings of this project. `aws` does not exist until somebody has run the scenarios on AWS."""


def lines(folder: Path) -> list[str]:
    """The source of the recordings, the number of each verdict, and every belief that is not confirmed."""
    recordings = read(folder)
    if not recordings:
        return [f"{folder} has no recordings"]
    heads = {f"{each['source']}, {each['date']}, {each['region']}, {each['platform']}" for each in recordings.values()}
    judged = [(belief, judge(belief, recordings)) for belief in beliefs()]
    listed = [*sorted(heads)]
    listed += [f"{name}: ended by {each['ended']}" for name, each in recordings.items() if each["ended"]]
    for verdict in (Verdict.CONTRADICTED, Verdict.UNDECIDED):
        for belief, judgement in judged:
            if judgement.verdict is verdict:
                listed += [f"{verdict}: {belief.name} ({belief.at})", f"  believed: {belief.believed}"]
                listed += [f"  {judgement.reason}", f"  where: {belief.where}"]
    listed += shapes(recordings, read(RECORDINGS / "stand-in"))
    counts = [f"{sum(each.verdict is verdict for _, each in judged)} {verdict}" for verdict in Verdict]
    return [*listed, f"{len(judged)} beliefs: {', '.join(counts)}"]


def shapes(observed: dict[str, Recording], known: dict[str, Recording]) -> list[str]:
    """The elements of answers that only one of two recordings of a step has. Empty lists are not compared."""
    listed = []
    for scenario in observed.keys() & known.keys():
        ours, theirs = steps(known[scenario]), steps(observed[scenario])
        for step in theirs.keys() & ours.keys():
            new, old = theirs[step].get("shape"), ours[step].get("shape")
            if new is None or old is None:
                continue
            for text, one, other in (("only here", new, old), ("only in the stand-in", old, new)):
                listed += [f"shape of {scenario}/{step}: {each}, {text}" for each in _missing(one, other)]
    return sorted(listed)


def _missing(one: list[str], other: list[str]) -> list[str]:
    unknown = tuple(each.removesuffix(": empty") for each in other if each.endswith(": empty"))
    return [each for each in one if each not in other and not each.endswith(": empty") and not each.startswith(unknown)]


def show(folder: Path) -> int:
    """Prints the report. Returns 3 if a belief is contradicted, because the stand-in must change then."""
    recordings = read(folder)
    print("\n".join(lines(folder)), flush=True)
    contradicted = (judge(belief, recordings).verdict is Verdict.CONTRADICTED for belief in beliefs())
    return 3 if any(contradicted) else 0

"""A measured figure beside the one that was promised."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    what: str
    measured: float
    limit: float
    unit: str
    runs: int = 1
    spread: tuple[float, float] | None = None
    note: str = ""

    @property
    def is_kept(self) -> bool:
        return self.measured <= self.limit


def of_runs(what: str, values: Iterable[float], limit: float, unit: str, note: str = "") -> Figure:
    """The median, with the smallest and the largest value."""
    found = sorted(values)
    return Figure(what, median(found), limit, unit, len(found), (found[0], found[-1]), note)

"""A measured figure and its limit."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    name: str
    """The name of the figure. If the figure is a detail of the previous figure, its name begins with two spaces."""

    measured: float
    """The median, if there are several runs."""

    limit: float
    unit: str
    runs: int = 1
    range: tuple[float, float] | None = None
    """The smallest and the largest value. None: there was only one run."""

    note: str = ""

    @property
    def is_within_limit(self) -> bool:
        return self.measured <= self.limit


def of_runs(name: str, values: Iterable[float], limit: float, unit: str, note: str = "") -> Figure:
    ordered = sorted(values)
    return Figure(name, median(ordered), limit, unit, len(ordered), (ordered[0], ordered[-1]), note)

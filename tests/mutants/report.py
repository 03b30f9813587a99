"""The report of a run: the share of changes that the tests notice, and the changes that no test notices."""

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mutmut.mutation.diff_apply import find_mutant, get_diff_for_mutant
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

from tests.mutants import copy_of_project, forks

NO_DIFFERENCE = Path(__file__).with_name("no_difference.toml")
"""Changes that make no difference, by the reason why."""

NOT_REACHED = "assert_never("
"""mypy proves that the code with this call is not reached, so `make check` notices what no test can."""


@dataclass(frozen=True)
class Change:
    function: str
    before: str
    after: str


@dataclass(frozen=True)
class Report:
    mutants: list[str]

    survivors: dict[str, Change]
    explained: frozenset[Change]

    @classmethod
    def of(cls, outcomes: dict[str, str]) -> "Report":
        if outcomes.pop(forks.UNCHANGED) != forks.NOT_NOTICED:
            raise SystemExit("The tests fail although nothing was changed, so they say nothing about the mutants.")
        survivors = {name: _change(name) for name in forks.survivors(outcomes)}
        return cls(list(outcomes), survivors, frozenset(_explained()))

    def unexplained(self) -> dict[str, Change]:
        return {name: change for name, change in self.survivors.items() if not self._is_explained(change)}

    def _is_explained(self, change: Change) -> bool:
        return NOT_REACHED in change.before or change in self.explained

    def show(self) -> None:
        for name, change in self.unexplained().items():
            print(f"{name}\n  - {change.before}\n  + {change.after}")
        for subject in (*copy_of_project.SUBJECTS, ""):
            names = [name for name in self.mutants if name.startswith(f"wardrop.{subject}")]
            lived = [self.survivors[name] for name in names if name in self.survivors]
            explained = sum(map(self._is_explained, lived))
            noticed = len(names) - len(lived)
            share = f"{noticed / max(1, len(names)):.1%}"
            print(f"{subject or 'all'}: the tests notice {noticed} of {len(names)} changes ({share}); ", end="")
            print(f"{explained} make no difference, {len(lived) - explained} remain")


def _change(mutant: str) -> Change:
    os.chdir(copy_of_project.COPY)
    function, of_class = orig_function_and_class_names_from_key(mutant)
    module = mutant.removeprefix("wardrop.").rpartition(".")[0]
    lines = get_diff_for_mutant(mutant, path=find_mutant(mutant).path).splitlines()[2:]
    before, after = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return Change(".".join(filter(None, (module, of_class, function))), before, after)


def _explained() -> Iterator[Change]:
    for reason in tomllib.loads(NO_DIFFERENCE.read_text())["reasons"]:
        for change in reason["changes"]:
            yield Change(**change)

"""A requirement of the simulation, and the error if it does not hold."""

from dataclasses import dataclass


class Broken(AssertionError):
    """An invariant does not hold."""


@dataclass(frozen=True)
class Requirement:
    seed: int

    def __call__(self, holds: bool, text: str) -> None:
        """Raises Broken with the command that repeats the history."""
        if not holds:
            raise Broken(f"{text}; replay with: make simulate SEED={self.seed}")

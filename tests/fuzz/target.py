"""A target: what generates its inputs, and what runs the code on an input and checks the rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Target:
    inputs: st.SearchStrategy[Any]
    run: Callable[[Any], None]
    """Raises an error if a rule does not hold for the input."""

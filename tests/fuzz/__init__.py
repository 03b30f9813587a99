"""Fuzzing: structured hostile input for the code of the functions. `make fuzz` runs it."""

import warnings

from tests.unit import conftest  # noqa: F401 - sets the variables that the functions need

warnings.simplefilter("ignore")  # zipfile warns of many generated archives

"""The input in an error."""

from tests.fuzz import runner


def test_the_input_is_known_also_if_the_error_is_flaky():
    error = ValueError("bad")
    error.fuzzed = "input"  # type: ignore[attr-defined] # as the runner does
    assert runner.input_of(error) == runner.input_of(ExceptionGroup("flaky", [error])) == "input"
    assert runner.input_of(ValueError("bad")) is None

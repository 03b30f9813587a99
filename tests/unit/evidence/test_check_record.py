"""The record of a check, and the results that count against a version."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NOW
from wardrop.configuration.check import Check
from wardrop.evidence.check_record import LOOKS_THAT_FAIL, Answer, CheckRecord, Result, records_of

HTTP, FUNCTION = Check(http="/health"), Check(function="shop-smoke-test")
PASSED, FAILED = Answer(Result.PASSED, "answered 200"), Answer(Result.FAILED, "answered 503, not 200")
UNKNOWN, NO_ANSWER = Answer(Result.UNKNOWN, "cannot be used"), Answer(Result.NO_ANSWER, "did not answer within 5s")

answers = st.lists(st.sampled_from([PASSED, FAILED, UNKNOWN, NO_ANSWER]), max_size=12)


def after(*given: Answer, record: CheckRecord | None = None) -> CheckRecord:
    record = record or CheckRecord()
    for number, answer in enumerate(given):
        record = record.after(answer, NOW + timedelta(minutes=number))
    return record


def test_a_request_fails_three_times_before_it_counts():
    assert [after(*[FAILED] * n).counts_against_version(HTTP) for n in (1, 2, 3)] == [False, False, True]


def test_a_function_that_says_failed_counts_at_once():
    assert after(FAILED).counts_against_version(FUNCTION)


def test_a_success_in_between_starts_the_count_again():
    assert not after(FAILED, FAILED, PASSED, FAILED, FAILED).counts_against_version(HTTP)


def test_an_address_that_has_never_answered_is_unknown_for_ever():
    silent = after(*[NO_ANSWER] * 9)
    assert (silent.result, silent.failures) == (Result.UNKNOWN, 0)
    assert silent.reason == (
        "did not answer within 5s, and did not answer before the update either, so the network may be the cause"
    )


def test_an_address_that_answered_before_the_update_fails_if_it_no_longer_answers():
    for before in (PASSED, FAILED):
        assert after(*[NO_ANSWER] * 3, record=CheckRecord().before(before)).counts_against_version(HTTP)
    assert not after(*[NO_ANSWER] * 3, record=CheckRecord().before(NO_ANSWER)).counts_against_version(HTTP)
    assert not after(*[NO_ANSWER] * 3, record=CheckRecord().before(UNKNOWN)).counts_against_version(HTTP)


def test_an_address_that_answered_after_the_update_fails_if_it_no_longer_answers():
    assert after(PASSED, *[NO_ANSWER] * 3).counts_against_version(HTTP)


def test_a_failure_before_the_update_is_remembered():
    assert CheckRecord().before(FAILED).failed_before
    assert after(FAILED, record=CheckRecord().before(FAILED)).failed_before
    assert not CheckRecord().before(NO_ANSWER).failed_before


def test_people_are_notified_of_an_unknown_result_only():
    assert after(UNKNOWN).reported().is_reported
    assert not after(FAILED).reported().is_reported
    assert after(PASSED, record=after(UNKNOWN).reported()).is_reported


def test_records_that_do_not_fit_the_checks_are_not_used():
    stored = [after(PASSED)]
    assert records_of([HTTP], stored) == stored
    assert records_of([HTTP, FUNCTION], stored) == [CheckRecord(), CheckRecord()]


@given(answers, st.booleans())
def test_only_answers_condemn(given, is_function):
    """A version fails only if its last answers are failures of an address that has answered before."""
    check, record = (FUNCTION if is_function else HTTP), after(*given)
    needed = 1 if is_function else LOOKS_THAT_FAIL
    if record.counts_against_version(check):
        last = [answer.result for answer in given[-needed:]]
        assert len(last) == needed
        assert set(last) <= {Result.FAILED, Result.NO_ANSWER}
        assert any(answer.is_answered for answer in given)
    if given:
        assert (record.result is Result.PASSED) == (given[-1] is PASSED)
        assert record.result is not Result.NO_ANSWER

import time

import pytest

from tests.unit.evidence.corpus import ALL, NOISE_SECRETS, SILENT, Broken, log_of, logs
from tests.unit.evidence.recorded import Recorded, recorded_logs
from wardrop.evidence.diagnosis import MAX_QUOTE, MOST_QUOTES, diagnose
from wardrop.evidence.explanation import Explanation
from wardrop.evidence.kinds import Kind

SECONDS = 4
"""The longest time for the worst log of 256 KB, on a slow machine with other work."""


def named(broken: Broken, log: bytes) -> bool:
    cause = diagnose(log)
    sentence = Explanation(log="s3://bucket/key", cause=cause).sentence
    return cause is not None and cause.kind is broken.kind and all(text in sentence for text in broken.cause)


def test_the_corpus_has_at_least_sixty_broken_versions_of_every_kind() -> None:
    assert len({broken.name for broken in ALL}) == len(ALL) >= 60
    assert {broken.kind for broken in ALL} == set(Kind)


@pytest.mark.parametrize(("broken", "log"), [pytest.param(*one, id=one[0].name) for one in logs()])
def test_the_sentence_names_the_cause_and_no_secret(broken: Broken, log: bytes) -> None:
    assert named(broken, log)
    cause = str(diagnose(log))
    assert not [secret for secret in (*broken.secrets, *NOISE_SECRETS) if secret in cause]


@pytest.mark.parametrize("log", [pytest.param(log, id=log.name) for log in recorded_logs()])
def test_the_sentence_names_the_cause_in_a_recorded_log_and_no_secret(log: Recorded) -> None:
    cause = diagnose(log.content)
    sentence = Explanation(log="s3://bucket/key", cause=cause).sentence
    assert (cause is not None) is bool(log.cause)
    assert [text for text in log.cause if text not in sentence] == []
    assert [secret for secret in log.secrets if secret in str(cause)] == []


@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize("text", SILENT)
def test_no_cause_is_invented(text: str, noisy: bool) -> None:
    assert diagnose(log_of(text, noisy=noisy)) is None


def test_every_quote_is_in_the_log_except_for_secrets() -> None:
    for broken, log in logs():
        cause = diagnose(log)
        assert cause is not None
        text = " ".join(log.decode().replace(";", ":").split())
        for quote in cause.quotes:
            for part in quote.replace(";", ":").split("****"):
                assert " ".join(part.split()) in text, broken.name


@pytest.mark.parametrize(
    "log",
    [
        b"password=x " * 24_000,
        b"a." * 131_000,
        (b"[ERROR] command hook failed error \n") * 7_700,
        (b"[ERROR] " + b"setting missing " * 60 + b"\n") * 270,
        b"".join(b"[ERROR] %d " % n + b"command setting relation:" * 38 + b"\n" for n in range(270)),
        b"".join(b"[ERROR] %d " % n + b"cannot unzip. " * 70 + b"\n" for n in range(270)),
        bytes(range(256)) * 1024,
        b"java.lang.StackOverflowError\n" + b"\tat com.acme.A.b(A.java:1)\n" * 9_000,
        b"Description:\n" * 15_000,
        b"java.lang.RuntimeException: x\n" + b"Caused by: java.lang.Foo: x\n\tat a.b.C.d(E.java:1)\n" * 5_000,
        b"\x1b[" * 131_000,
    ],
    ids=[
        "one line",
        "names",
        "commands",
        "settings",
        "words",
        "unzip",
        "binary",
        "trace",
        "reports",
        "causes",
        "escapes",
    ],
)
def test_a_hostile_log_takes_bounded_time_and_room(log: bytes) -> None:
    begins = time.process_time()
    cause = diagnose(log)
    assert time.process_time() - begins < SECONDS
    assert cause is None or (len(cause.quotes) <= MOST_QUOTES and max(map(len, cause.quotes)) <= MAX_QUOTE)


def test_the_beginning_of_a_line_that_was_cut_off_is_not_quoted() -> None:
    log = b"word=abc [ERROR] Command 01_a failed\n" + log_of(ALL[0].body, noisy=False)
    assert "word=abc" not in str(diagnose(log, starts_inside=True))
    assert diagnose(log, starts_inside=True) == diagnose(log_of(ALL[0].body, noisy=False))


def test_a_command_whose_errors_are_ignored_is_not_the_cause() -> None:
    log = "2026-11-28 12:00:07,123 [ERROR] Command 01_a (x) failed\n"
    log += "2026-11-28 12:00:07,124 [INFO] ignoreErrors set to true, continuing build"
    assert diagnose(log.encode()) is None


def test_a_suppressed_exception_is_not_the_cause() -> None:
    log = (
        'Exception in thread "main" java.lang.IllegalStateException: outer\n\tat com.acme.A.b(A.java:1)\n'
        "\tSuppressed: java.io.IOException: closing\n\t\tat com.acme.A.c(A.java:2)\n"
        "\tCaused by: java.io.IOException: pipe\n"
        "Caused by: java.lang.IllegalArgumentException: the reason\n\tat com.acme.A.d(A.java:3)\n"
    )
    cause = diagnose(log.encode())
    assert cause is not None
    assert cause.quotes[0] == "java.lang.IllegalArgumentException: the reason"

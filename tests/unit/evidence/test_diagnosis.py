import pytest

from tests.limits import limited
from tests.unit.evidence.corpus import ALL, NOISE_SECRETS, SILENT, Broken, log_of, logs
from tests.unit.evidence.recorded import Recorded, recorded_logs
from wardrop.evidence.diagnosis import MAX_QUOTE, MOST_QUOTES, diagnose
from wardrop.evidence.explanation import Explanation
from wardrop.evidence.kinds import Kind

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
    cause = limited(diagnose, log)
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


STARTING = "28-Nov-2026 12:00:07.123 INFO [main] org.apache.catalina.core.StandardEngine.startInternal Starting Servlet"
LAST = "required setting PAYMENT_API_URL is missing"


@pytest.mark.parametrize("engine", ["", "2026/11/28 12:00:08.000000 [ERROR] Application deployment failed.\n"])
def test_the_last_line_of_an_application_that_ended_the_jvm_is_the_cause(engine: str) -> None:
    cause = diagnose(f"{STARTING}\nreading settings\n{LAST}\n{engine}".encode())
    assert cause is not None
    assert (cause.kind, cause.quotes) == (Kind.SETTING, [LAST])


@pytest.mark.parametrize(
    "log",
    [
        f"{LAST}\n",
        f"{STARTING}\n{LAST}\nreading settings\n",
        f"{STARTING}\n{LAST}\n28-Nov-2026 12:00:09.123 INFO [main] com.acme.Main going on\n",
        f"{STARTING}\n28-Nov-2026 12:00:09.123 INFO [main] Catalina.start Server startup in [9]\n{LAST}",
    ],
    ids=["not of a server", "not the last line", "before a record", "after the start"],
)
def test_a_line_without_a_level_is_otherwise_no_cause(log: str) -> None:
    assert diagnose(log.encode()) is None


def test_an_exception_that_refers_to_the_log_counts_less_than_an_exception_that_is_printed_there() -> None:
    printed = (
        "java.lang.IllegalArgumentException: the tax table has no row for KR\n\tat com.acme.shop.Tax.load(Tax.java:3)\n"
    )
    severe = "28-Nov-2026 12:00:07.123 SEVERE [main] org.apache.catalina.core.StandardContext.listenerStart failed"
    pointer = (
        "\tjava.lang.IllegalStateException: start-up failed, see the log\n\t\tat com.acme.Boot.start(Boot.java:9)\n"
    )
    both, alone = (diagnose(log.encode()) for log in (f"{printed}{severe}\n{pointer}", f"{severe}\n{pointer}"))
    assert both is not None
    assert both.quotes[0] == "java.lang.IllegalArgumentException: the tax table has no row for KR"
    assert alone is not None
    assert alone.quotes[0] == "java.lang.IllegalStateException: start-up failed, see the log"


def test_the_second_request_for_a_page_that_does_not_compile_hides_no_cause() -> None:
    severe = (
        "28-Nov-2026 12:00:07.123 SEVERE [http-nio-8080-exec-1] Servlet.service() for servlet [jsp] threw exception\n"
    )
    first = "\torg.apache.jasper.JasperException: Unable to compile class for JSP: \n\t\tat org.apache.A.b(A.java:1)\n"
    second = "\tjava.lang.ClassNotFoundException: org.apache.jsp.index_jsp\n\t\tat java.base/java.net.A.b(A.java:1)\n"
    cause = diagnose(f"{severe}{first}{severe}{second}".encode())
    assert cause is not None
    assert cause.quotes[0].startswith("org.apache.jasper.JasperException: Unable to compile class for JSP:")


FAILED_START = (
    "28-Nov-2026 12:00:09.123 SEVERE [main] org.apache.catalina.core.StandardContext.listenerStart Exception sending "
    "context initialized event to listener instance of class [com.acme.shop.Orders]\n"
    "java.lang.IllegalStateException: the order processor did not start within 30 s\n"
    "\tat com.acme.shop.Orders.contextInitialized(Orders.java:18)\n"
)
ENDED_THREAD = (
    'Exception in thread "orders-pool-1" java.lang.IllegalStateException: the queue orders-live does not exist\n'
    "\tat com.acme.shop.Orders.lambda$0(Orders.java:10)\n"
)
STARTED = "28-Nov-2026 12:00:10.123 INFO [main] org.apache.catalina.startup.Catalina.start Server startup in [900] ms\n"
OF_THREAD = "java.lang.IllegalStateException: the queue orders-live does not exist"


def test_an_exception_that_ended_a_thread_during_a_start_that_failed_is_quoted_after_that_of_the_start() -> None:
    cause = diagnose((ENDED_THREAD + FAILED_START + STARTED).encode())
    assert cause is not None
    assert cause.quotes[:2] == [
        "java.lang.IllegalStateException: the order processor did not start within 30 s",
        OF_THREAD,
    ]


@pytest.mark.parametrize(
    "log",
    [
        ENDED_THREAD + STARTED + FAILED_START,
        FAILED_START + ENDED_THREAD + STARTED,
        ENDED_THREAD
        + FAILED_START
        + "Caused by: java.io.IOException: pipe\n\tat com.acme.shop.A.b(A.java:1)\n"
        + STARTED,
    ],
    ids=["earlier start", "after the start failed", "start with a cause"],
)
def test_an_exception_of_another_thread_is_otherwise_not_quoted(log: str) -> None:
    assert OF_THREAD not in str(diagnose(log.encode()))


def answered(number: int, thread: str = "http-nio-8080-exec-", level: str = "SEVERE") -> str:
    return (
        f"28-Nov-2026 12:01:{number:02}.123 {level} [{thread}{number}] com.acme.shop.Rates.doGet request failed\n"
        "java.lang.IllegalStateException: the exchange rates are from yesterday\n"
        "\tat com.acme.shop.Rates.doGet(Rates.java:15)\n"
    )


def test_an_exception_that_the_answers_to_many_requests_repeat_is_the_cause() -> None:
    cause = diagnose((STARTED + "".join(map(answered, range(3)))).encode())
    assert cause is not None
    assert cause.quotes[0] == "java.lang.IllegalStateException: the exchange rates are from yesterday"


@pytest.mark.parametrize(
    "log",
    [
        STARTED + answered(0) + answered(1),
        "".join(map(answered, range(3))) + STARTED,
        STARTED + "".join(answered(number, thread="rates-pool-") for number in range(3)),
        STARTED + "".join(answered(number, level="WARNING") for number in range(3)),
    ],
    ids=["twice", "before the start", "in the background", "warnings"],
)
def test_an_exception_of_few_requests_or_of_other_threads_is_no_cause(log: str) -> None:
    assert diagnose(log.encode()) is None


def test_an_exception_of_many_requests_explains_less_than_a_failed_start() -> None:
    cause = diagnose((FAILED_START + STARTED + "".join(map(answered, range(3)))).encode())
    assert cause is not None
    assert "the order processor" in cause.quotes[0]

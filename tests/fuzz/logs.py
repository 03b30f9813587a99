"""Deployment logs: real ones with lines that are mixed, repeated and extended, and with secrets in known forms."""

from hypothesis import strategies as st

from tests.fuzz.oracle import SECRET, check_line
from tests.fuzz.strategies import TEXT
from tests.fuzz.target import Target
from tests.unit.evidence import corpus
from wardrop.evidence.diagnosis import diagnose
from wardrop.evidence.explanation import Explanation

MAX_BYTES = 192 * 1024
"""The end of the log that DeploymentLogs reads."""

LINES = sorted({line for broken in corpus.ALL for line in broken.body.splitlines()})

SECRETS = st.sampled_from(
    [
        f"password={SECRET}",
        f"PASSWORD: '{SECRET}'",
        f'"apiKey": "{SECRET}"',
        f"jdbc:postgresql://shop:{SECRET}@db/shop",
        f"--token {SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"https://hooks.slack.com/services/{SECRET}",
        f"mysql -u shop -p{SECRET}",
        f"DB_PASSWORD={SECRET} could not resolve placeholder",
    ]
)
PARTS = st.one_of(
    st.sampled_from(LINES),
    st.sampled_from(LINES),
    TEXT,
    st.builds("{} {}".format, st.sampled_from(LINES), SECRETS),
    st.builds("2026-11-28 12:00:00 [ERROR] {} failed: {}".format, TEXT, SECRETS),
    st.builds("java.lang.IllegalStateException: {}\n\tat com.example.A.b(A.java:1)".format, SECRETS | TEXT),
    st.builds(
        lambda unit, count: unit * (count // len(unit)),
        st.sampled_from(
            [
                "a.",
                "at ",
                "Caused by: a.B: ",
                "://a@",
                "password",
                "pass=",
                "-p ",
                "{",
                '"',
                "\\n",
                "ERROR ",
                "curl ",
                "A_",
            ]
        ),
        st.sampled_from([400, 4_000, 190_000]),
    ),
)
LOGS = st.builds(
    lambda parts, times: ("\n".join(parts) + "\n").encode("utf-8", "surrogatepass")[: MAX_BYTES // times] * times,
    st.lists(PARTS, max_size=30),
    st.sampled_from([1, 1, 50, 5_000]),
)


def check(content: bytes) -> None:
    for starts_inside in (False, True):
        cause = diagnose(content, starts_inside=starts_inside)
        if cause is not None:
            assert len(cause.quotes) <= 6
            for quote in cause.quotes:
                check_line(quote, 500)
            check_line(Explanation(log="s3://logs/log", cause=cause).sentence)


TARGET = Target(LOGS, check)

import pytest

from tests.limits import limited
from wardrop.evidence.masking import MASK, masked, without_keys

SECRETS = [
    ("password=Tr0ub4dor", "Tr0ub4dor"),
    ("spring.datasource.password: hunter", "hunter"),
    ('"dbPassword": "correct horse"', "horse"),
    ("DB_PASSWORD=s3cret;Server=db", "s3cret"),
    ("with password 'hunter2'", "hunter2"),
    ("--password hunter", "hunter"),
    ("mysql -u shop -pTr0ub4dor db", "Tr0ub4dor"),
    ("curl -u shop:geheim https://x", "geheim"),
    ("jdbc:postgresql://shop:geh/e@im@db:5432/shop", "geh"),
    ("https://ghx@github.com/x", "ghx"),
    ("jdbc:mysql://db/shop?user=a&pw=geheim", "geheim"),
    ("jdbc:oracle:thin:scott/tiger@//db:1521/x", "tiger"),
    ("mongodb+srv://u:geheim@cluster/x", "geheim"),
    ("https://b.s3.amazonaws.com/k?X-Amz-Signature=0123abcd&X-Amz-Date=1", "0123abcd"),
    ("https://hooks.slack.com/services/T0/B0/abcdef", "abcdef"),
    ("Authorization: Bearer abc.def.ghi", "abc.def"),
    ("Authorization: Basic c2hvcDpnZWhlaW0=", "c2hvcDpn"),
    ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalr"),
    ("the key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY is refused", "wJalr"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def-1", "eyJzdWIi"),
    ("token ghp_0123456789abcdefghij", "0123456789"),
    ("xoxb-1234567890-abcdef", "1234567890"),
    ("AccountKey=abc/def+ghi==;Endpoint=x", "abc/def"),
    ("Cookie: JSESSIONID=0123456789ABCDEF", "0123456789ABCDEF"),
    ("refused 0123456789abcdef0123456789abcdef", "0123456789abcdef"),
    ("redis://:geheim@cache:6379", "geheim"),
    ("-Dspring.datasource.password=geheim -Xmx1g", "geheim"),
    ("DefaultEndpointsProtocol=https;AccountName=x;AccountKey=a1B2", "a1B2"),
    ("X-Amz-Security-Token: abc/def", "abc/def"),
    ("client_secret=>'x y z'", "x y z"),
]


@pytest.mark.parametrize(("line", "secret"), SECRETS)
def test_a_secret_is_masked(line: str, secret: str) -> None:
    assert secret not in masked(line)
    assert MASK in masked(line)


@pytest.mark.parametrize(
    "line",
    [
        "java.lang.IllegalStateException: environment variable DB_PASSWORD is not set",
        "Could not resolve placeholder 'shop.db.password' in value \"${shop.db.password}\"",
        "at com.acme.shop.PasswordService.start(PasswordService.java:41)",
        'FATAL: password authentication failed for user "shop"',
        "s3://elasticbeanstalk-us-east-1-123456789012/resources/environments/logs/deployments/e-abc123/eb-deployment-x.log",
        "org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'tokenService'",
        "Connection to jdbc:postgresql://db.internal:5432/shop refused",
    ],
)
def test_a_line_without_a_secret_stays(line: str) -> None:
    assert masked(line) == line


def test_no_line_of_a_private_key_stays() -> None:
    lines = ["a", "x -----BEGIN RSA PRIVATE KEY-----", "MIIEow", "-----END RSA PRIVATE KEY-----", "b"]
    assert without_keys(lines) == ["a", MASK, MASK, MASK, "b"]


@pytest.mark.parametrize(
    "part", ["password", "://a@", "secret ", "-", "--a", "mysql ", "eyJ", '"', 'key: "', "A1a", "://"]
)
def test_the_longest_line_takes_bounded_time(part: str) -> None:
    limited(masked, (part * 1_000)[:1_000])

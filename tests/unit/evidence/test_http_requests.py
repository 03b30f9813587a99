"""The requests of checks to real servers on this machine. Most of these servers violate HTTP."""

import gzip
import socket
import ssl
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.unit.evidence.hostile_server import Behaviour, answering, listening, serving
from wardrop.configuration.check import Check
from wardrop.configuration.duration import Duration
from wardrop.evidence.check_record import Answer, Result
from wardrop.evidence.http_answer import MAX_BODY, MOST_REDIRECTS
from wardrop.evidence.http_requests import HttpRequests, NotPublic, public_addresses, requests_to

CNAME = "shop-prod.us-east-1.elasticbeanstalk.com"
LIMIT = Duration(milliseconds=300)
"""The limit of a request. Some of the servers never end an answer."""


def ask(behaves: Behaviour, check: Check | None = None, **fields) -> Answer:
    check = check or Check(**({"http": "/health"} | fields))
    with serving(behaves) as server:
        return HttpRequests(lambda _host, _port: [server.address]).ask(check, CNAME)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[str, str]:
    """The files of a certificate that signs itself, and of its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop.example.com")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    own = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(*own))
    return str(folder / "certificate.pem"), str(folder / "key.pem")


def sending(*parts: bytes, pause: float = 0.0) -> Behaviour:
    def behave(connection: socket.socket, _head: bytes) -> None:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)

    return behave


class TestTheRequest:
    def test_it_names_the_host_and_asks_for_an_answer_that_is_not_compressed(self):
        with serving(answering("200 OK")) as server:
            HttpRequests(lambda _host, _port: [server.address]).ask(Check(http="/health?deep=1"), CNAME)
        [head] = server.heads
        assert head.startswith(b"GET /health?deep=1 HTTP/1.1\r\n")
        assert f"Host: {CNAME}\r\n".encode() in head
        assert b"Accept-Encoding: identity\r\n" in head

    def test_a_configured_host_takes_the_place_of_the_cname(self):
        with serving(answering("200 OK")) as server:
            HttpRequests(lambda _host, _port: [server.address]).ask(Check(http="/", host="shop.example.com"), CNAME)
        assert b"Host: shop.example.com\r\n" in server.heads[0]

    def test_the_scheme_decides_the_port(self):
        asked = []

        def resolve(host: str, port: int) -> list[tuple[str, int]]:
            asked.append((host, port))
            raise NotPublic("10.0.0.1")

        HttpRequests(resolve).ask(Check(http="/"), CNAME)
        HttpRequests(resolve).ask(Check(https="/", host="shop.example.com"), CNAME)
        assert asked == [(CNAME, 80), (CNAME, 443)]

    def test_an_endpoint_of_awss_apis_takes_the_place_of_the_cname(self):
        with serving(answering("200 OK")) as server:
            host, port = server.address
            answer = requests_to(f"http://{host}:{port}").ask(Check(http="/"), CNAME)
        assert answer.result is Result.PASSED
        assert f"Host: {CNAME}\r\n".encode() in server.heads[0]

    def test_without_an_endpoint_only_public_addresses_are_used(self):
        assert requests_to(None).resolve is public_addresses


class TestAnswers:
    def test_the_expected_status_passes(self):
        assert ask(answering("200 OK")) == Answer(Result.PASSED, "answered 200")
        assert ask(answering("204 No Content"), status=204).result is Result.PASSED

    def test_the_expected_text_passes(self):
        assert ask(answering("200 OK", b'{"status":"UP"}'), contains="UP").result is Result.PASSED

    def test_an_error_page_with_200_fails_and_is_quoted(self):
        answer = ask(answering("200 OK", b"<html><style>b{}</style><h1>Sorry</h1> no database</html>"), contains="UP")
        assert answer == Answer(Result.FAILED, 'answered 200 without "UP": "Sorry no database"')

    def test_another_status_fails_and_its_text_is_quoted_without_secrets(self):
        answer = ask(answering("503 Service Unavailable", b"db password=hunter2\x00\xff is wrong"))
        assert answer.result is Result.FAILED
        assert answer.reason.startswith('answered 503, not 200: "db password=')
        assert "hunter2" not in answer.reason
        assert "\x00" not in answer.reason

    def test_a_chunked_answer_is_read(self):
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert ask(sending(head, b"2\r\nU\xc3\r\n", b"3\r\n\x9cP!\r\n0\r\n\r\n"), contains="ÜP").result is Result.PASSED


class TestRedirects:
    def test_a_redirect_on_the_same_host_is_followed(self):
        def behave(connection: socket.socket, head: bytes) -> None:
            moved = b"HTTP/1.1 302 Found\r\nLocation: /health/\r\n\r\n"
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nUP" if head.startswith(b"GET /health/ ") else moved)

        answer = ask(behave, contains="UP")
        assert answer == Answer(Result.PASSED, 'redirected to "/health/", which answered 200 with "UP"')

    def test_a_circle_ends(self):
        with serving(answering("302 Found", Location=f"http://{CNAME}/health")) as server:
            answer = HttpRequests(lambda _host, _port: [server.address]).ask(Check(http="/health"), CNAME)
        assert answer == Answer(Result.FAILED, "answered 302 after 3 redirects; Wardrop does not follow more")
        assert len(server.heads) == MOST_REDIRECTS + 1

    @pytest.mark.parametrize(
        "elsewhere",
        [
            f"https://{CNAME}/health",
            "http://169.254.169.254/latest/meta-data",
            "//evil.example.com/",
            f"http://{CNAME}:8080/",
            f"http://{CNAME}@evil.example.com/",
            f"http://user@{CNAME}/",
            f"http://{CNAME}.evil.example.com/",
            "http://[::1/",
            "http://h:99999999/",
            "/a\\b",
            "/ü",
        ],
    )
    def test_a_redirect_to_another_place_is_not_followed_but_named(self, elsewhere):
        with serving(answering("302 Found", Location=elsewhere)) as server:
            answer = HttpRequests(lambda _host, _port: [server.address]).ask(Check(http="/health"), CNAME)
        assert answer.result is Result.FAILED
        assert answer.reason.startswith('answered 302, not 200 (a redirect to "')
        assert len(server.heads) == 1

    def test_a_redirect_can_be_the_expected_answer(self):
        assert ask(answering("301 Moved", Location="/health"), status=301).result is Result.PASSED


class TestNoAnswer:
    def test_a_server_that_never_answers_ends_at_the_limit(self):
        """Without the limit, the answer would be that the server closed the connection."""
        answer = ask(lambda _connection, _head: time.sleep(3), within=LIMIT)
        assert answer == Answer(Result.NO_ANSWER, f"did not answer within {LIMIT.text}")

    @pytest.mark.parametrize(
        "head",
        [b"HTTP/1.1 200 OK\r\nX: " + b"x" * 50, b"HTTP/1.1 100 Continue\r\n\r\n" * 3],
        ids=["header", "continue"],
    )
    def test_a_head_that_drips_ends_at_the_limit(self, head):
        """Without the limit, the answer would be that the server closed the connection."""
        answer = ask(sending(*(head[n : n + 1] for n in range(len(head))), pause=0.1), within=LIMIT)
        assert answer == Answer(Result.NO_ANSWER, f"did not answer within {LIMIT.text}")

    def test_a_closed_port_refuses(self):
        with socket.create_server(("127.0.0.1", 0)) as once:
            address = once.getsockname()
        answer = HttpRequests(lambda _host, _port: [address]).ask(Check(http="/"), CNAME)
        assert answer == Answer(Result.NO_ANSWER, "refused the connection")

    def test_the_second_address_is_tried(self):
        with socket.create_server(("127.0.0.1", 0)) as once:
            closed = once.getsockname()
        with serving(answering("200 OK")) as server:
            answer = HttpRequests(lambda _host, _port: [closed, server.address]).ask(Check(http="/"), CNAME)
        assert answer.result is Result.PASSED

    def test_a_connection_that_is_closed_at_once_is_no_answer(self):
        answer = ask(lambda _connection, _head: None)
        assert answer == Answer(Result.NO_ANSWER, "closed the connection without an answer")

    def test_a_name_that_cannot_be_resolved_is_no_answer(self):
        def resolve(_host: str, _port: int) -> list[tuple[str, int]]:
            raise socket.gaierror(-2, "Name or service not known")

        answer = HttpRequests(resolve).ask(Check(http="/"), CNAME)
        assert answer == Answer(Result.NO_ANSWER, f"did not answer, because {CNAME} cannot be resolved")

    def test_a_server_that_never_answers_the_tls_handshake_ends_at_the_limit(self):
        answer = ask(answering("200 OK"), Check(https="/", host="shop.example.com", within=LIMIT))
        assert answer == Answer(Result.NO_ANSWER, f"did not answer within {LIMIT.text}")

    def test_a_certificate_that_nobody_trusts_is_unknown(self, certificate):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)

        def shake_hands(connection: socket.socket) -> None:
            context.wrap_socket(connection, server_side=True)

        with listening(shake_hands) as address:
            answer = HttpRequests(lambda _host, _port: [address]).ask(Check(https="/", host="shop.example.com"), CNAME)
        assert answer.result is Result.UNKNOWN
        assert answer.reason.startswith("was answered without a valid certificate for shop.example.com (self")


class TestHostileAnswers:
    def test_a_body_that_drips_fails_at_the_limit(self):
        """Without the limit, the answer would be complete, but would not contain the text."""
        answer = ask(sending(b"HTTP/1.1 200 OK\r\n\r\n", *[b"x"] * 30, pause=0.1), contains="UP", within=LIMIT)
        assert answer.result is Result.FAILED
        assert answer.reason == f'answered 200, but did not send a complete answer with "UP" within {LIMIT.text}'

    def test_a_gigabyte_is_not_read(self):
        @dataclass
        class Endless:
            sent: int = field(default=0)

            def __call__(self, connection: socket.socket, _head: bytes) -> None:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
                for _ in range(1024):
                    connection.sendall(b"x" * 2**20)
                    self.sent += 2**20

        endless = Endless()
        answer = ask(endless, contains="UP", within=Duration(seconds=5))
        assert answer.reason.startswith('answered 200 without "UP" in its first 64 KB: "xxx')
        assert endless.sent < 64 * 2**20
        assert MAX_BODY == 64 * 1024

    def test_a_compressed_answer_is_not_unpacked(self):
        bomb = gzip.compress(b"UP" + b"\0" * 2**24)
        answer = ask(answering("200 OK", bomb, Content_Encoding="gzip"), contains="UP")
        assert answer == Answer(
            Result.UNKNOWN, 'answered 200 with the content encoding "gzip", so Wardrop cannot search it'
        )
        assert ask(answering("500 Oops", bomb, Content_Encoding="gzip")).reason == "answered 500, not 200"

    @pytest.mark.parametrize(
        "garbage",
        [
            b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
            b"HTTP/1.1 abc OK\r\n\r\n",
            b"HTTP/1.1 99999 OK\r\n\r\n",
            b"HTTP/1.1 200 " + b"x" * 2**20,
            b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
            b"HTTP/1.1 200 OK\r\nX: " + b"y" * 2**20 + b"\r\n\r\n",
        ],
        ids=["ssh", "no number", "large number", "status line", "headers", "header"],
    )
    def test_an_answer_that_is_not_http_fails(self, garbage):
        answer = ask(sending(garbage))
        assert answer.result is Result.FAILED
        assert answer.reason.startswith("sent no valid HTTP answer (")

    def test_a_chunk_without_a_size_fails(self):
        answer = ask(sending(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), contains="UP")
        assert answer.result is Result.FAILED


class TestAddresses:
    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "10.0.0.1", "172.16.1.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"],
    )
    def test_an_address_that_is_not_public_is_never_used(self, host):
        with pytest.raises(NotPublic, match=host):
            public_addresses(host, 80)

    def test_a_public_address_is_used(self):
        assert public_addresses("93.184.216.34", 80) == [("93.184.216.34", 80)]

    @pytest.mark.parametrize("host", ["::1", "fd00:ec2::254", "::ffff:169.254.169.254"])
    def test_an_ipv6_address_is_never_used(self, host):
        with pytest.raises((socket.gaierror, NotPublic)):
            public_addresses(host, 80)

    def test_a_private_address_is_unknown_and_says_what_to_do(self):
        def resolve(_host: str, _port: int) -> list[tuple[str, int]]:
            raise NotPublic("10.0.1.5")

        answer = HttpRequests(resolve).ask(Check(http="/"), CNAME)
        assert answer.result is Result.UNKNOWN
        assert answer.reason == "cannot be sent to the address 10.0.1.5, which is not public; use a function instead"

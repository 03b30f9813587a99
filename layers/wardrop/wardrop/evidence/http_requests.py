"""Sends the requests of checks. A request ends within its time limit, and reads a limited number of bytes.

Wardrop checks that the IP address is public, and sends the request to exactly this address. It does not resolve the
host name a second time.
"""

import io
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from ipaddress import IPv4Address
from typing import Any
from urllib.parse import urlsplit

from wardrop.configuration.check import Check
from wardrop.evidence.check_record import Answer, Result
from wardrop.evidence.check_subject import unknown
from wardrop.evidence.http_answer import (
    MAX_BODY,
    MOST_REDIRECTS,
    HttpAnswer,
    judge,
    redirect_path,
    redirected,
    too_many_redirects,
)

MOST_ADDRESSES = 2
"""The maximum number of a load balancer's IP addresses that are tried."""

Address = tuple[str, int]
Resolve = Callable[[str, int], Sequence[Address]]


class NotPublic(Exception):
    """The host resolves to a private address, to which no check is sent. The message is the address."""


def public_addresses(host: str, port: int) -> list[Address]:
    """Returns the IPv4 addresses of the host. Raises NotPublic and OSError.

    No check is sent to a private, link-local or loopback address, because such an address may belong to another part of
    AWS, such as the instance metadata service.
    """
    addresses = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)]
    for address in map(IPv4Address, addresses):
        if not address.is_global or address.is_multicast:
            raise NotPublic(str(address))
    return [(address, port) for address in addresses]


@dataclass(frozen=True)
class HttpRequests:
    resolve: Resolve = public_addresses

    def ask(self, check: Check, cname: str) -> Answer:
        """Sends the request. If the network or the server fails, returns an answer that states the error."""
        deadline = time.monotonic() + check.time_limit.total_seconds()
        try:
            return self._follow(check, cname, deadline)
        except NotPublic as error:
            return unknown(f"cannot be sent to the address {error}, which is not public; use a function instead")
        except ssl.SSLCertVerificationError as error:
            return unknown(f"was answered without a valid certificate for {check.host} ({error.verify_message})")
        except (OSError, HTTPException) as error:
            return _failure(error, check, cname)

    def _follow(self, check: Check, cname: str, deadline: float) -> Answer:
        addresses = self.resolve(cname, 443 if check.is_encrypted else 80)[:MOST_ADDRESSES]
        host, path = check.host or cname, check.path
        for _ in range(MOST_REDIRECTS + 1):
            answer = _exchange(check, _connect(addresses, deadline), (host, path), deadline)
            following = redirect_path(check, answer, host, path)
            if following is None:
                return redirected(judge(check, answer), check, path)
            path = following
        return too_many_redirects(answer.status)


def requests_to(endpoint: str | None) -> HttpRequests:
    """Returns the sender. If `endpoint` (AWS_ENDPOINT_URL) is set, it sends all requests to this address."""
    if endpoint is None:
        return HttpRequests()
    url = urlsplit(endpoint)
    return HttpRequests(lambda _host, _port: [(url.hostname or "localhost", url.port or 80)])


def _failure(error: Exception, check: Check, cname: str) -> Answer:
    match error:
        case TimeoutError():
            reason = f"did not answer within {check.time_limit.text}"
        case socket.gaierror():
            reason = f"did not answer, because {cname} cannot be resolved"
        case RemoteDisconnected():
            reason = "closed the connection without an answer"
        case HTTPException():
            return Answer(Result.FAILED, f"sent no valid HTTP answer ({type(error).__name__})")
        case ConnectionRefusedError():
            reason = "refused the connection"
        case _:
            reason = f"did not answer ({type(error).__name__})"
    return Answer(Result.NO_ANSWER, reason)


def _connect(addresses: Sequence[Address], deadline: float) -> socket.socket:
    """Tries the addresses in turn. Each attempt gets an equal share of the remaining time."""
    for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
        try:
            return socket.create_connection(address, _remaining(deadline) / left)
        except OSError:
            if left == 1:
                raise
    raise socket.gaierror("no address")


def _exchange(check: Check, connection: socket.socket, target: tuple[str, str], deadline: float) -> HttpAnswer:
    host, path = target
    with connection:
        connection.settimeout(_remaining(deadline))
        stream = _encrypted(connection, host) if check.is_encrypted else connection
        with stream:
            stream.settimeout(_remaining(deadline))
            stream.sendall(_request(host, path))
            response = HTTPResponse(_Incoming(stream, deadline), method="GET")  # type: ignore[arg-type]
            response.begin()
            return _read(check, response)


def _encrypted(connection: socket.socket, host: str) -> socket.socket:
    return ssl.create_default_context().wrap_socket(connection, server_hostname=host)


def _request(host: str, path: str) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "User-Agent: Wardrop",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
    ]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("ascii")


def _read(check: Check, response: HTTPResponse) -> HttpAnswer:
    """Reads the body only if the check searches it, or if the reason quotes it."""
    body, is_broken = bytearray(), False
    is_needed = check.contains is not None or response.status != check.expected_status
    try:
        while is_needed and len(body) <= MAX_BODY and (part := response.read1(MAX_BODY)):
            body += part
    except (OSError, HTTPException):
        is_broken = True
    return HttpAnswer(
        response.status,
        bytes(body[:MAX_BODY]),
        location=response.getheader("Location"),
        encoding=(response.getheader("Content-Encoding") or "").lower(),
        is_cut=len(body) > MAX_BODY,
        is_broken=is_broken,
    )


def _remaining(deadline: float) -> float:
    """Returns the remaining seconds. Raises TimeoutError if the deadline has passed."""
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError
    return remaining


class _Incoming(io.RawIOBase):
    """Reads what the server sends until the deadline.

    The timeout of a socket is not enough, because it starts again whenever a byte arrives.
    """

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection, self._deadline = connection, deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(_remaining(self._deadline))
        return self._connection.recv_into(buffer)

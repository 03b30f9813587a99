"""A server on this machine that sends the bytes that a test chooses, even invalid ones."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Behaviour = Callable[[socket.socket, bytes], None]
"""Receives a connection and the head of the request. The connection is closed afterwards."""


class HostileServer:
    def __init__(self, listening: socket.socket, behaves: Behaviour) -> None:
        self.heads: list[bytes] = []
        """The heads of the requests."""

        self._listening, self._behaves = listening, behaves

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._listening.getsockname()
        return host, port

    def serve(self) -> None:
        with suppress(OSError):  # the socket is closed at the end of the test
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            head = b""
            while b"\r\n\r\n" not in head and (part := connection.recv(4096)):
                head += part
            self.heads.append(head)
            self._behaves(connection, head)


@contextmanager
def listening(on_connection: Callable[[socket.socket], None]) -> Iterator[tuple[str, int]]:
    """The address of a server that handles one connection and reads no request."""

    def serve() -> None:
        with suppress(OSError):
            connection, _ = server.accept()
            on_connection(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        host, port = server.getsockname()
        yield host, port


@contextmanager
def serving(behaves: Behaviour) -> Iterator[HostileServer]:
    bound = socket.create_server(("127.0.0.1", 0))
    server = HostileServer(bound, behaves)
    threading.Thread(target=server.serve, daemon=True).start()
    try:
        yield server
    finally:
        bound.shutdown(socket.SHUT_RDWR)
        bound.close()


def answering(status: str, body: bytes = b"", **headers: str) -> Behaviour:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    whole = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
    return lambda connection, _head: connection.sendall(whole)

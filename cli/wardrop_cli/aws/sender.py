"""Sends signed requests to the URL of RunCommand."""

import json
import time
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ConnectTimeoutError, EndpointConnectionError, HTTPClientError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from wardrop_cli import __version__
from wardrop_cli.aws.account import Account, document_of
from wardrop_cli.aws.explain import explanation
from wardrop_cli.failures import Refused, not_reached
from wardrop_cli.http_answer import Reply, answer_of

SECONDS = 35
"""The timeout of a request. It is longer than RunCommand's own limit of 30 seconds."""

MOST_TRIES = 3
READS = frozenset({"config check", "config show", "deployment", "diff", "drop", "history", "plan", "status"})
"""Requests that change nothing. They are sent again after every network failure."""

NOT_SENT = (EndpointConnectionError, ConnectTimeoutError)


class Sender:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._connection: URLLib3Session | None = None

    def send(self, **request: Any) -> dict[str, Any]:
        """Returns the answer to a request. Fields that are None are not sent. Raises Refused, or another Failure."""
        given = {name: value for name, value in request.items() if value is not None}
        for number in range(1, MOST_TRIES + 1):
            try:
                return answer_of(self._exchange(given), self._account.outputs.version)
            except Refused as refusal:
                if refusal.code != "try_again" or number == MOST_TRIES:
                    raise
            except HTTPClientError as error:
                is_safe = isinstance(error, NOT_SENT) or given.get("command") in READS
                if not is_safe:
                    text = f"the connection was lost, and it is not known whether the request was executed: {error}"
                    raise not_reached(text, "Before you repeat the command, check the state: wardrop status") from error
                if number == MOST_TRIES:
                    raise explanation(error) from error
            except BotoCoreError as error:
                raise explanation(error) from error
            time.sleep(number * 0.5)
        raise AssertionError("the last try returns or raises")

    def _exchange(self, request: dict[str, Any]) -> Reply:
        outputs = self._account.outputs
        headers = {"Content-Type": "application/json", "User-Agent": f"wardrop/{__version__}"}
        to_sign = AWSRequest("POST", outputs.run_command_url, headers, json.dumps(request).encode())
        credentials = self._account.credentials()
        SigV4Auth(credentials, outputs.service, self._account.region).add_auth(to_sign)
        answer = self._connected(outputs.run_command_url).send(to_sign.prepare())
        return Reply(answer.status_code, document_of(answer.content), answer.content)

    def _connected(self, url: str) -> URLLib3Session:
        if self._connection is None:
            bundle = self._account.session.get_config_variable("ca_bundle")
            self._connection = URLLib3Session(verify=bundle or True, proxies=get_environ_proxies(url), timeout=SECONDS)
        return self._connection

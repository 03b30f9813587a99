"""The faults of the simulated DynamoDB: refused calls, cancelled transactions, repeated tokens, and an outdated index.

Source of the codes and texts: API reference, TransactWriteItems and "Common errors". The faults affect calls of the
functions. They do not affect calls of the tests, which read the table to check the functions.
"""

import json
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Any

from moto.dynamodb.exceptions import TransactionCanceledException

from local.aws.refusals import Refused
from local.faults import Faults

Answer = tuple[str, list[tuple[str, str]], Iterable[bytes]]
Parameters = dict[str, Any]

THROTTLED = "Throughput exceeds the current capacity of your table or index."
TEXTS = {
    "TransactionConflict": "Transaction is ongoing for the item.",
    "ThrottlingError": THROTTLED,
    "ProvisionedThroughputExceeded": THROTTLED,
    "ItemCollectionSizeLimitExceeded": "Collection size exceeded.",
    "ValidationError": "One or more parameter values were invalid.",
    "ProvisionedThroughputExceededException": THROTTLED,
    "RequestLimitExceeded": "Throughput exceeds the current throughput limit for your account.",
    "ThrottlingException": "Rate of requests exceeds the allowed throughput.",
    "TransactionConflictException": "Transaction is ongoing for the item",
    "TransactionInProgressException": "The transaction with the given request token is already in progress.",
    "InternalServerError": "The server encountered an internal error trying to fulfill the request.",
}
KEPT = 1_000


class TableFaults:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._succeeded: OrderedDict[str, str] = OrderedDict()
        """The successful transactions, keyed by token. DynamoDB keeps a token for ten minutes."""

        self._answers: dict[str, deque[tuple[float, Answer]]] = {}
        """The earlier responses to each query of an index, each with its time."""

    def answer(self, operation: str, given: Parameters, carry_out: Callable[[], Answer]) -> Answer:
        """Returns the response to a call. If no fault prevents the call, `carry_out` executes it. Raises Refused."""
        if fault := self._faults.strikes("table-refuses", action=operation):
            code = fault.parameters["refusal"]
            raise Refused(code, TEXTS[code], 500 if code == "InternalServerError" else 400)
        if operation == "TransactWriteItems":
            return self._transaction(given, carry_out)
        lagging = self._faults.standing("index-lags") if "IndexName" in given else None
        return self._lagging(given, carry_out(), lagging.parameters["seconds"]) if lagging else carry_out()

    def _transaction(self, given: Parameters, carry_out: Callable[[], Answer]) -> Answer:
        """Executes a transaction.

        If an earlier transaction with its token succeeded, it succeeds without writing anything.
        """
        token, items = given.get("ClientRequestToken", ""), json.dumps(given["TransactItems"], default=str)
        if before := self._succeeded.get(token):
            if before != items:
                raise Refused("IdempotentParameterMismatchException", "The token was used with other parameters.")
            return _answer("200 OK", "{}")
        if fault := self._faults.strikes("cancelled"):
            reason = fault.parameters["reason"]
            others = [(None, None, None)] * (len(given["TransactItems"]) - 1)
            error = TransactionCanceledException([(reason, TEXTS[reason], None), *others])
            return _answer("400 Bad Request", error.description)
        answer = carry_out()
        if token and answer[0].startswith("2"):
            self._succeeded[token] = items
            if len(self._succeeded) > KEPT:
                self._succeeded.popitem(last=False)
        return answer

    def _lagging(self, given: Parameters, answer: Answer, seconds: float) -> Answer:
        """Returns an outdated response: the newest response to the same query that is at least `seconds` old.

        If no response is that old, returns the oldest one.
        """
        asked, now = json.dumps(given, sort_keys=True, default=str), time.monotonic()
        answers = self._answers.setdefault(asked, deque(maxlen=KEPT))
        status, headers, body = answer
        answers.append((now, (status, headers, list(body))))
        while len(answers) > 1 and answers[1][0] <= now - seconds:
            answers.popleft()
        return answers[0][1]


def _answer(status: str, text: str) -> Answer:
    headers = [("Content-Type", "application/x-amz-json-1.0"), ("Content-Length", str(len(text.encode())))]
    return status, headers, [text.encode()]

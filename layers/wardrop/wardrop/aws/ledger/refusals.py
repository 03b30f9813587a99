"""Decides for each error from DynamoDB whether the same call may succeed later.

Source: DynamoDB API reference, TransactWriteItems, and developer guide, "Error handling with DynamoDB".
"""

from collections.abc import Sequence
from enum import Enum
from typing import Any

from botocore.exceptions import ClientError

from wardrop.aws.ledger.item import Key
from wardrop.errors import LedgerBusy, Outdated, Unwritable

BUSY = {
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
"""Error codes after which the same call may succeed later.

DynamoDB refuses a single write with TransactionConflictException while a transaction writes the same item. botocore
does not retry this error. It has already retried all other errors twice.
"""

RETRIED = {"ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"}
"""Cancellation reasons after which the same transaction may succeed. botocore does not retry cancelled transactions."""


class Cancellation(Enum):
    OUTDATED = "a condition does not hold"
    BUSY = "the same transaction may succeed later"
    FINAL = "the same transaction cannot succeed"


def cancellation(error: ClientError) -> Cancellation | None:
    """Returns the meaning of a cancellation, or None if the error does not state why the transaction was cancelled."""
    codes = {reason.get("Code", "None") for reason in _reasons(error)} - {"None"}
    if "ConditionalCheckFailed" in codes:
        return Cancellation.OUTDATED
    if not codes:
        return None
    return Cancellation.BUSY if codes <= RETRIED else Cancellation.FINAL


def transaction_error(error: ClientError, keys: Sequence[Key]) -> Exception:
    """Returns the error to raise if a transaction is not tried again.

    `keys` contains the key of each operation, in the order of the transaction.
    """
    match cancellation(error):
        case Cancellation.OUTDATED:
            return Outdated("the ledger has changed since it was read")
        case Cancellation.BUSY:
            return LedgerBusy(f"DynamoDB cancelled the transaction several times: {_text(error, keys)}")
        case Cancellation.FINAL:
            return Unwritable(f"DynamoDB does not accept the transaction: {_text(error, keys)}")
        case None:
            return call_error(error)


def call_error(error: ClientError) -> Exception:
    """Returns LedgerBusy if the call may succeed later. Otherwise returns the error itself."""
    code = error.response["Error"]["Code"]
    return LedgerBusy(f"DynamoDB refused {error.operation_name} with {code}") if code in BUSY else error


def _text(error: ClientError, keys: Sequence[Key]) -> str:
    return "; ".join(
        f"{reason['Code']} for {key.pk} {key.sk} ({reason.get('Message') or 'without a message'})"
        for key, reason in zip(keys, _reasons(error), strict=False)
        if reason.get("Code", "None") != "None"
    )


def _reasons(error: ClientError) -> Any:
    return error.response.get("CancellationReasons", [])

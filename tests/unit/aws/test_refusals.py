"""DynamoDB's refusals: some transactions are repeated at once, and errors state what the caller can do."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.fakes import client
from tests.unit.samples import TABLE
from wardrop.aws.ledger.item import Key
from wardrop.aws.ledger.refusals import BUSY, RETRIED, Cancellation, cancellation, transaction_error
from wardrop.aws.ledger.table import PAUSES, Put, Table, Update
from wardrop.errors import LedgerBusy, Outdated, Unwritable

FINAL = ["ItemCollectionSizeLimitExceeded", "ValidationError"]
KEYS = [Key("environment/shop", "now/standing"), Key("alerts/shop", "a-1")]
PUTS = [Put(key, {}) for key in KEYS]

codes = st.sampled_from(["None", "ConditionalCheckFailed", *sorted(RETRIED), *FINAL])


def cancelled(*codes: str) -> ClientError:
    reasons = [{"Code": code} | ({} if code == "None" else {"Message": f"{code}."}) for code in codes]
    error = {"Code": "TransactionCanceledException", "Message": "Transaction cancelled"}
    response: Any = {"Error": error, "CancellationReasons": reasons}
    return ClientError(response, "TransactWriteItems")


@given(st.lists(codes, min_size=1, max_size=6))
def test_a_failed_condition_comes_first_and_then_a_reason_that_no_retry_overcomes(reasons: list[str]):
    kind = cancellation(cancelled(*reasons))
    assert (kind is Cancellation.OUTDATED) == ("ConditionalCheckFailed" in reasons)
    assert (kind is None) == (set(reasons) == {"None"})
    if kind is Cancellation.BUSY:
        assert set(reasons) <= RETRIED | {"None"}
    if kind is Cancellation.FINAL:
        assert set(reasons) & set(FINAL)


@pytest.mark.parametrize("code", FINAL)
def test_a_final_reason_names_the_item_that_dynamodb_refuses(code: str):
    error = transaction_error(cancelled("None", code), KEYS)
    assert isinstance(error, Unwritable)
    assert error.reason == f"DynamoDB does not accept the transaction: {code} for alerts/shop a-1 ({code}.)"


class TestTable:
    @pytest.fixture
    def stub(self) -> Iterator[Stubber]:
        self.pauses: list[float] = []
        with Stubber(client("dynamodb")) as stub:
            yield stub
            stub.assert_no_pending_responses()

    def table(self, stub: Stubber) -> Table:
        return Table(stub.client, TABLE, pause=self.pauses.append)

    def cancel(self, stub: Stubber, *codes: str) -> None:
        fields = {"CancellationReasons": [{"Code": code} for code in codes]}
        stub.add_client_error("transact_write_items", "TransactionCanceledException", modeled_fields=fields)

    @pytest.mark.parametrize("code", sorted(RETRIED))
    def test_a_transaction_is_tried_again_in_place(self, stub, code):
        self.cancel(stub, "None", code)
        stub.add_response("transact_write_items", {})
        self.table(stub).write(*PUTS)
        assert self.pauses == [PAUSES[0]]

    def test_all_attempts_have_the_same_token_and_the_next_transaction_has_another(self):
        tokens: list[str] = []

        class DynamoDB:
            def transact_write_items(self, ClientRequestToken: str, **_: Any) -> None:  # noqa: N803 - DynamoDB's name
                tokens.append(ClientRequestToken)
                if len(tokens) == 1:
                    raise cancelled("TransactionConflict")

        table = Table(cast("Any", DynamoDB()), TABLE, pause=lambda _: None)
        table.write(*PUTS)
        table.write(*PUTS)
        assert tokens[0] == tokens[1] != tokens[2]

    def test_after_the_last_attempt_the_caller_shall_come_again_later(self, stub):
        for _ in range(len(PAUSES) + 1):
            self.cancel(stub, "ThrottlingError", "None")
        with pytest.raises(LedgerBusy, match="several times: ThrottlingError for environment/shop now/standing"):
            self.table(stub).write(*PUTS)
        assert self.pauses == list(PAUSES)

    @pytest.mark.parametrize("code", FINAL)
    def test_a_final_reason_is_not_tried_again(self, stub, code):
        self.cancel(stub, "TransactionConflict", code)
        with pytest.raises(Unwritable, match=code):
            self.table(stub).write(*PUTS)
        assert self.pauses == []

    def test_a_condition_that_fails_beside_a_conflict_is_outdated_at_once(self, stub):
        self.cancel(stub, "TransactionConflict", "ConditionalCheckFailed")
        with pytest.raises(Outdated):
            self.table(stub).write(*PUTS)

    @pytest.mark.parametrize("operation", ["get_item", "put_item", "update_item", "query", "transact_write_items"])
    @pytest.mark.parametrize("code", sorted(BUSY))
    def test_a_call_that_stays_refused_may_be_made_later(self, stub, operation, code):
        stub.add_client_error(operation, code)
        table = self.table(stub)
        calls = {
            "get_item": lambda: table.get(KEYS[0]),
            "put_item": lambda: table.put(PUTS[0]),
            "update_item": lambda: table.update(Update(KEYS[0], "REMOVE active")),
            "query": lambda: list(table.query("environment/shop", "now/")),
            "transact_write_items": lambda: table.write(*PUTS),
        }
        with pytest.raises(LedgerBusy, match=code):
            calls[operation]()

    def test_any_other_refusal_flies(self, stub):
        stub.add_client_error("transact_write_items", "AccessDeniedException")
        with pytest.raises(ClientError, match="AccessDenied"):
            self.table(stub).write(*PUTS)

    def test_unprocessed_keys_are_read_again_after_a_pause(self, stub):
        key = {"pk": {"S": KEYS[0].pk}, "sk": {"S": KEYS[0].sk}}
        unprocessed = {TABLE: {"Keys": [key]}}
        stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": unprocessed})
        stub.add_response("batch_get_item", {"Responses": {TABLE: [key]}})
        assert self.table(stub).get_all(KEYS[:1]) == [{"pk": KEYS[0].pk, "sk": KEYS[0].sk}]
        assert self.pauses == [PAUSES[0]]

    def test_keys_that_stay_unprocessed_may_be_read_later(self, stub):
        unprocessed = {TABLE: {"Keys": [{"pk": {"S": "a"}, "sk": {"S": "b"}}]}}
        for _ in range(len(PAUSES) + 1):
            stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": unprocessed})
        with pytest.raises(LedgerBusy, match="unprocessed"):
            self.table(stub).get_all(KEYS[:1])

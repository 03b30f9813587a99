"""Runs awslambdaric under the emulator, in a process that ends when the emulator ends."""

import ctypes
import json
import runpy
import signal
import sys
import time
from typing import Any

PR_SET_PDEATHSIG = 1
START = b'"the stand-in waits until the function is imported"'
"""The event of the first invocation, which only starts the function. The handler does not get this event.

The response is the id of the invocation.
"""


def correct_invocations(arn: str, timeout: float) -> None:
    """Corrects the data about an invocation, and responds to the invocation that only starts the function.

    The emulator passes an ARN with another account, a deadline that includes the start, and no trace id. The trace id
    is needed, because AWS's SDK sends it with every call, and the recorded calls then show which invocation made each
    call.
    """
    from awslambdaric.lambda_runtime_client import BaseLambdaRuntimeClient

    wait = BaseLambdaRuntimeClient.wait_next_invocation

    def wait_next_invocation(client: BaseLambdaRuntimeClient) -> Any:
        invocation = wait(client)
        if invocation.event_body == START:
            client.post_invocation_result(invocation.invoke_id, json.dumps(invocation.invoke_id))
            return wait_next_invocation(client)
        invocation.invoked_function_arn = arn
        invocation.deadline_time_in_ms = int((time.time() + timeout) * 1000)
        invocation.x_amzn_trace_id = f"Root={invocation.invoke_id}"
        return invocation

    BaseLambdaRuntimeClient.wait_next_invocation = wait_next_invocation


if __name__ == "__main__":
    # Ends this process when the emulator ends. Otherwise, the process would call the ended emulator for 15 seconds.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    *_, arn, timeout = sys.argv
    del sys.argv[-2:]
    correct_invocations(arn, float(timeout))
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)

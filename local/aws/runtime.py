"""Runs awslambdaric under the emulator, in a process that ends when the emulator ends."""

import ctypes
import runpy
import signal
import sys
from typing import Any

PR_SET_PDEATHSIG = 1


def correct_invocations(arn: str) -> None:
    """Sets the function's ARN, because the emulator passes an ARN of another account, and an id of the trace.

    The emulator passes no id. Every call of AWS's SDK names the id, so it shows which invocation made the call.
    """
    from awslambdaric.lambda_runtime_client import BaseLambdaRuntimeClient

    wait = BaseLambdaRuntimeClient.wait_next_invocation

    def wait_next_invocation(client: BaseLambdaRuntimeClient) -> Any:
        invocation = wait(client)
        invocation.invoked_function_arn = arn
        invocation.x_amzn_trace_id = f"Root={invocation.invoke_id}"
        return invocation

    BaseLambdaRuntimeClient.wait_next_invocation = wait_next_invocation


if __name__ == "__main__":
    # otherwise the process would try to reach a killed emulator for 15 seconds
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    correct_invocations(sys.argv.pop())
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)

"""What runs under the emulator: awslambdaric, in a process that ends when the emulator does."""

import ctypes
import runpy
import signal

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    # else it would try for a quarter of a minute to reach an emulator that was killed
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)

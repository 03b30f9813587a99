"""The entry point: runs a verb, and turns every error into one line and an exit code."""

import os
import sys
import traceback
from collections.abc import Sequence

import typer

from wardrop_cli.app import command
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure
from wardrop_cli.foreign_text import one_line
from wardrop_cli.report import print_failure

USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[2]
"""The base class of the errors of the command line, for which Typer has no public name."""


def main() -> None:
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    try:
        return _run(arguments)
    except BrokenPipeError:
        return _output_closed()
    except SystemExit as ended:  # Typer ends the process if the output is closed
        if not isinstance(ended.__context__, BrokenPipeError):
            raise
        return _output_closed()


def _run(arguments: Sequence[str]) -> int:
    try:
        code = command().main(list(arguments), prog_name="wardrop", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else ExitCode.SUCCESS
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        raise
    except Failure as failure:
        print_failure(failure, as_json=_has("--json", arguments))
        return failure.exit_code
    except USAGE_ERROR as error:
        return _usage_error(error, arguments)
    except typer.Abort:
        return ExitCode.INTERRUPTED
    except Exception as error:  # every other error is reported, and --debug shows where it occurred
        return _unexpected(error, arguments)


def _output_closed() -> int:
    """Prevents an error when Python flushes stdout at its end (Python documentation, "Note on SIGPIPE")."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    return ExitCode.OUTPUT_CLOSED


def _usage_error(error: Exception, arguments: Sequence[str]) -> int:
    context = getattr(error, "ctx", None)
    message: str = error.format_message()  # type: ignore[attr-defined] # only errors of Click have it
    if context and message == context.get_help():  # no command was given
        sys.stderr.write(f"{message}\n")
        return ExitCode.USAGE
    path = context.command_path if context else "wardrop"
    failure = Failure(ExitCode.USAGE, message.removesuffix("."), f"See {path} --help.")
    print_failure(failure, as_json=_has("--json", arguments))
    return failure.exit_code


def _unexpected(error: Exception, arguments: Sequence[str]) -> int:
    if _has("--debug", arguments) or os.environ.get("WARDROP_DEBUG"):
        traceback.print_exc()
    text = f"unexpected error {type(error).__name__}: {one_line(str(error), 300)}"
    advice = "Repeat the command with --debug, and report the error with the output."
    print_failure(Failure(ExitCode.ERROR, text, advice), as_json=_has("--json", arguments))
    return ExitCode.ERROR


def _has(option: str, arguments: Sequence[str]) -> bool:
    """Reads the raw arguments, because an error may occur before they are parsed."""
    return option in arguments


if __name__ == "__main__":
    main()

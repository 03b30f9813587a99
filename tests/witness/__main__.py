"""`make witness` runs every scenario on AWS, or on the stand-in if AWS_ENDPOINT_URL is on this machine."""

import argparse
import signal
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from tests.witness import recording, report
from tests.witness.account import Account, CannotStart, Interrupted
from tests.witness.estimate import plan
from tests.witness.ledger import Ledger
from tests.witness.removal import Left, remove
from tests.witness.running import Run
from tests.witness.scenario import scenarios
from tests.witness.site import make, new_name
from tests.witness.watching import Bus

BUILD = Path("build/witness")


def main() -> int:
    given = _arguments()
    if given.dry_run:
        print(plan())
        return 0
    for number in (signal.SIGINT, signal.SIGTERM):  # A shell starts a job in the background with SIGINT ignored.
        signal.signal(number, signal.default_int_handler)
    account = Account(given.speed)
    try:
        if given.report:
            return report.show(given.report)
        if given.remove:
            return _remove_rest(account, given.remove)
        _confirm(account, yes=given.yes)
        return _witness(account, given.into or BUILD / account.source.lower())
    except KeyboardInterrupt:
        return 130
    except CannotStart as reason:
        print(f"nothing was {'removed' if given.remove else 'made'}: {reason}", file=sys.stderr)
        return 2


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.witness", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="list what a run makes and costs; make no call")
    parser.add_argument("--yes", action="store_true", help="ask no question")
    parser.add_argument("--speed", type=float, default=1, help="of the stand-in; AWS has none")
    parser.add_argument("--into", type=Path, help="the folder of the recordings")
    parser.add_argument("--remove", type=Path, metavar="FILE", help="remove what this file of an earlier run lists")
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="judge the recordings of this folder")
    return parser.parse_args()


def _confirm(account: Account, *, yes: bool) -> None:
    """Prints the account and the resources that the run creates. Raises CannotStart if the person does not agree."""
    owner, caller = account.identity
    where = f"the stand-in at {account.endpoint}" if account.is_stand_in else account.endpoint or "AWS"
    print(f"{plan()}\n\naccount {owner}, region {account.region}, caller {caller}, {where}", flush=True)
    if yes or account.is_stand_in:
        return
    try:
        answer = input("Enter the number of the account to make this there: ")
    except EOFError:
        answer = ""
    if answer.strip() != owner:
        raise CannotStart("the account was not confirmed; YES=1 confirms it without a question")


def _witness(account: Account, into: Path) -> int:
    """Runs the scenarios. Removes all created resources at the end, also after an error or Ctrl-C."""
    name = new_name()
    ledger = Ledger(BUILD / f"{name}.json", account.about())
    print(f"run {name}; {ledger.file} lists what it makes", flush=True)
    code = 1
    try:
        code = _run(account, ledger, name, into)
    except (KeyboardInterrupt, Interrupted):
        account.clock.stopped.set()
        print("interrupted", flush=True)
        code = 130
    finally:
        if not _is_removed(account, ledger):
            code = code or 1
    return code


def _run(account: Account, ledger: Ledger, name: str, into: Path) -> int:
    site = make(account, ledger, name)
    bus = Bus(account, site.queue)
    runs = [Run(account, site, bus, each, scenario) for each, scenario in scenarios().items()]
    with ThreadPoolExecutor(len(runs)) as pool:
        futures = {pool.submit(run.recording): run for run in runs}
        try:
            wait(futures)
        except KeyboardInterrupt:
            account.clock.stopped.set()
            raise
    for future, run in futures.items():
        if future.exception() is None:
            print(f"wrote {recording.write(into, future.result(), run.masks)}", flush=True)
    for future in futures:
        future.result()  # The error of a scenario ends the run, but only after the other scenarios were recorded.
    return report.show(into)


def _is_removed(account: Account, ledger: Ledger) -> bool:
    print(f"removing {len(ledger.made)} resources", flush=True)
    try:
        remove(account, ledger)
    except (KeyboardInterrupt, Left) as reasons:
        listed = "; ".join(map(str, reasons.args)) or "interrupted"
        print(f"NOT REMOVED: {listed}\nagain: make witness REMOVE={ledger.file}", file=sys.stderr, flush=True)
        return False
    print("everything is removed", flush=True)
    return True


def _remove_rest(account: Account, file: Path) -> int:
    ledger = Ledger.read(file)
    if ledger.about != account.about():
        raise CannotStart(f"{file} is of {ledger.about}, and the credentials are of {account.about()}")
    return 0 if _is_removed(account, ledger) else 1


if __name__ == "__main__":
    sys.exit(main())

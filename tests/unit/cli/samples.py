"""Answers of the stack, and screens as texts."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console, RenderableType

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
WIDTHS = (40, 80, 120)
FORGED = "\x1b[31mforged\x1b[0m [bold]markup[/bold] \u202egnirts\nsecond line"


def at(minutes: float) -> str:
    """The time that is this number of minutes before NOW."""
    return (NOW - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def deployment(**differs: Any) -> dict[str, Any]:
    plain = {
        "id": "20260102T115500000000-1234abcd",
        "label": "shop-41",
        "state": "deploying",
        "reason": "shop-staging is Updating; of 2 instances, 1 has shop-41",
        "since": at(1),
        "dropped_by": "jane",
        "origin": {"commit": "8d6072fdeb53aa11", "build": "https://ci.example.com/41", "changes": "Fix the cart"},
        "history": [
            {"at": at(5), "state": "queued", "reason": "shop-41 was dropped"},
            {"at": at(4), "state": "deploying", "reason": "shop-staging is Ready: shop-41 replaces shop-40"},
        ],
    }
    return plain | differs


def environment(name: str = "shop-staging", **differs: Any) -> dict[str, Any]:
    plain = {
        "environment": name,
        "application": "shop",
        "status": "Ready",
        "health": "Ok",
        "version_label": "shop-40",
        "instances": {"shop-40": 2},
        "deployments": [],
        "good_versions": [{"label": "shop-40", "at": at(180)}],
        "quarantined": [],
        "hold": None,
        "pause": None,
    }
    return plain | differs


def status(*environments: dict[str, Any], **differs: Any) -> dict[str, Any]:
    configuration = {
        "application": "shop",
        "parameter": "/wardrop/applications/shop",
        "source": "document",
        "stages": [["shop-staging"], ["shop-prod"]],
    }
    plain = {"answer": "environments", "environments": list(environments), "configurations": [configuration]}
    return plain | differs


def followed(**differs: Any) -> dict[str, Any]:
    reading = {
        "status": "Updating",
        "health": "Info",
        "version_label": "shop-41",
        "causes": ["Application update in progress on 1 instance."],
        "instances": [
            {"id": "i-1", "version_label": "shop-41", "status": "Deployed", "causes": []},
            {"id": "i-2", "version_label": "shop-40", "status": "In Progress", "causes": []},
        ],
        "events": [{"at": at(4), "severity": "INFO", "message": "Environment update is starting."}],
    }
    plain = {
        "answer": "deployment",
        "environment": "shop-staging",
        "application": "shop",
        "deployment": deployment(),
        "cause": [],
        "logs": [],
        "reading": reading,
    }
    return plain | differs


def shown(screen: RenderableType, width: int = 80, *, is_terminal: bool = False) -> str:
    written = io.StringIO()
    console = Console(
        file=written,
        width=width,
        force_terminal=is_terminal,
        color_system="standard" if is_terminal else None,
        markup=False,
        emoji=False,
        highlight=False,
    )
    console.print(screen)
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines()) + "\n"

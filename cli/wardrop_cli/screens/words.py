"""Words and colours for states and health."""

STYLES_OF_HEALTH = {"Ok": "green", "Info": "green", "Warning": "yellow", "Degraded": "red", "Severe": "bold red"}
STYLES_OF_STATES = {
    "succeeded": "green",
    "failed": "bold red",
    "rolled_back": "red",
    "rollback_failed": "bold red",
    "superseded": "dim",
    "cancelled": "dim",
    "declined": "dim",
}
STYLES_OF_EVENTS = {"WARN": "yellow", "ERROR": "red", "FATAL": "bold red"}


def state(name: str) -> str:
    return name.replace("_", " ")

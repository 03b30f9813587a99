"""The screen of a request that was executed: its sentence, and the id of the deployment."""

from rich.console import Group, RenderableType
from rich.text import Text

from wardrop_cli.answers import Done


def done_screen(answer: Done) -> RenderableType:
    """Does not capitalize the sentence, because it often begins with a name."""
    sentence = Text(answer.text if answer.text.endswith(".") else f"{answer.text}.")
    if answer.deployment is None:
        return sentence
    return Group(sentence, Text(f"deployment {answer.deployment}", "dim", overflow="fold"))

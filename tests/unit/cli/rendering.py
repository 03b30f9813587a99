"""Renders screens as a terminal of a given width shows them."""

import io

from rich.console import Console, RenderableType

WIDTHS = (40, 80, 120)


def rendered(screen: RenderableType, width: int) -> str:
    """The text without colours. Only commands, which people copy, are wider than the terminal."""
    output = io.StringIO()
    console = Console(file=output, width=width, markup=False, emoji=False, highlight=False, no_color=True)
    console.print(screen, soft_wrap=False, crop=False)
    lines = [line.rstrip() for line in output.getvalue().splitlines()]
    wide = [line for line in lines if len(line) > width and not line.startswith(("  aws ", "  wardrop ", "# "))]
    assert wide == []
    return "\n".join(lines) + "\n"

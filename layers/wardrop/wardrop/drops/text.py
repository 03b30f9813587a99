"""Text from a bundle, as DynamoDB accepts it."""


def whole_characters(text: str) -> str:
    """Joins the two surrogates that JSON may write for one character, and replaces half a pair.

    DynamoDB refuses half a pair.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def size_of(text: str) -> int:
    """Bytes."""
    return len(whole_characters(text).encode())

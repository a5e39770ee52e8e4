"""The text of a query in pieces, for those who show it, not for those who run it."""

from collections.abc import Iterator

from ldnkg.query.tokens import TOKEN


def spans(text: str) -> Iterator[tuple[str, str]]:
    """All of a text, each piece with what it is: a kind of token, or a comment.

    >>> [piece for piece in spans("ASK {} # all") if piece[0] in ("word", "comment")]
    [('word', 'ASK'), ('comment', '# all')]
    """
    for match in TOKEN.finditer(text):
        yield "comment" if match[0].startswith("#") else str(match.lastgroup), match[0]

"""The one normal form of a curated Turtle file: a difference between two versions is one of meaning."""

from collections.abc import Iterable
from itertools import takewhile

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from ldnkg.errors import BadTurtle
from ldnkg.turtle.reading import reason, tokens
from ldnkg.turtle.writing import natural, write


def normal_form(text: str) -> str:
    """The same graph in normal form: its leading comments, then what `write` makes of it.

    The subject with the shortest IRI, fragments aside, comes first. A second run changes nothing. Raises
    BadTurtle when the text does not parse or has a comment further down, which would be lost.
    """
    leading = _leading_comments(text)
    try:
        parser = parse(text, format=RdfFormat.TURTLE)
        quads = list(parser)
    except SyntaxError as fault:
        raise BadTurtle(reason(fault), fault.lineno, fault.offset) from None
    body = write(quads, parser.prefixes, _main_subject(quads))
    return "\n".join(part for part in (leading, body) if part)


def _leading_comments(text: str) -> str:
    """The comments at the top of a text, a line each, with no blank line between them lost."""
    found = list(tokens(text))
    leading = list(takewhile(lambda token: token.kind == "comment", found))
    for token in found[len(leading) :]:
        if token.kind == "comment":
            raise BadTurtle(
                "A comment is kept only at the top of the file; move it there, or into a note in the graph.",
                token.line,
            )
    lines: list[str] = []
    for before, token in zip([None, *leading], leading, strict=False):
        if before is not None and token.line > before.line + 1:
            lines.append("")
        lines.append(token.text.rstrip())
    return "".join(f"{line}\n" for line in lines)


def _main_subject(quads: Iterable[Quad]) -> NamedNode | None:
    """What a file is about: of its subjects without a fragment the one with the shortest IRI."""
    subjects = {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}
    whole = [iri for iri in subjects if "#" not in iri]
    return NamedNode(min(whole, key=lambda iri: (len(iri), natural(iri)))) if whole else None

"""A small graph held as a large one is."""

from collections.abc import Iterable

from ldnkg.facts import Packed, Statement, Terms, arranged


def numbered(statements: Iterable[Statement]) -> Packed:
    """These statements in numbers, in the order of their lines in N-Triples."""
    found = [(each.subject, each.predicate, each.object) for each in statements]
    terms = Terms()
    for term in sorted({term for triple in found for term in triple}, key=str):
        terms.number(term)
    rows = (
        (terms.number(subject), terms.number(predicate), terms.number(value), 0)
        for subject, predicate, value in found
    )
    columns, _ = arranged(rows, len(terms))
    return Packed(terms, columns, in_order=True)

"""A document as a table (RFC 4180): a row for each statement, with the names of what it is about."""

from collections.abc import Collection, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from ldnkg.counts import Term, names
from ldnkg.dumps.tables import quoted
from ldnkg.facts import Statement
from ldnkg.formats.subjects import by_subject
from ldnkg.iris import PREFIXES, curie

_TOPIC = NamedNode(PREFIXES["foaf"] + "primaryTopic")
"""What only the document says of itself."""
_HEAD = ("subject", "subject name", "property", "value", "value name", "language", "datatype")


def statements(triples: Collection[Statement], prefixes: Mapping[str, str], first: NamedNode) -> bytes:
    """The statements about `first` and its parts, and those of others that lead to them.

    Names of other things stand beside their IRIs and not in rows of their own. Everything is quoted, so that
    identifiers stay text, and no cell is a formula (see ldnkg.dumps.tables).
    """
    called = names(triples)
    lines = [",".join(map(quoted, _HEAD))]
    for subject, said in by_subject(triples, first).items():
        for predicate, values in said.items():
            for value in values if predicate != _TOPIC else ():
                if _belongs(subject, first) or _belongs(value, first):
                    name = curie(predicate.value, prefixes) or predicate.value
                    cells = [_text(subject), called.get(_text(subject), ""), name, _text(value)]
                    cells += [called.get(_text(value), ""), *_kind(value, prefixes)]
                    lines.append(",".join(map(quoted, cells)))
    return ("\r\n".join(lines) + "\r\n").encode()


def _belongs(term: Term, whole: NamedNode) -> bool:
    """Whether a term is the thing or a part of it."""
    return isinstance(term, NamedNode) and term.value.partition("#")[0] == whole.value.partition("#")[0]


def _text(term: Term) -> str:
    return str(term) if isinstance(term, Triple | BlankNode) else term.value


def _kind(value: Term, prefixes: Mapping[str, str]) -> tuple[str, str]:
    """The language and the datatype of a literal; nothing of a node, which has none."""
    if not isinstance(value, Literal):
        return "", ""
    return value.language or "", curie(value.datatype.value, prefixes) or value.datatype.value

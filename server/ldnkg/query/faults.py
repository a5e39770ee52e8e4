"""What is wrong with a query that the engine does not take: where, and what to do about it.

The engine's own message is kept for what neither the grammar (`mistakes`) nor the scopes tell.
"""

import re
from collections.abc import Mapping

from ldnkg.errors import BadQuery
from ldnkg.query import mistakes, scopes
from ldnkg.query.grammar import Grammar
from ldnkg.query.tokens import fault, line_of, short, tokens_of


def explained(text: str, engine: str, undeclared: Mapping[str, int], prefixes: Mapping[str, str]) -> BadQuery:
    """The fault in a query that the engine has refused with the message `engine`.

    `undeclared` has the offset of each prefix that is used but not declared, `prefixes` the namespaces to
    propose for them.
    """
    tokens = tokens_of(text)
    found = Grammar().read(tokens)
    stop = mistakes.Stop(text, tokens, *found) if found else None
    for prefix, offset in undeclared.items():
        if re.search(r"prefix\s+$", text[:offset], re.IGNORECASE):  # its declaration is what is wrong
            continue
        if stop is None or offset < stop.here.start or offset == stop.here.start:
            if text.startswith("//", offset + len(prefix) + 1):
                return fault(text, offset, mistakes.BARE)
            return fault(text, offset, _undeclared(prefix, prefixes))
    if stop:
        return fault(text, mistakes.where(stop).start, mistakes.sentence(stop), mistakes.told(stop.expected))
    if meant := scopes.first_fault(tokens, engine):
        return fault(text, meant.start, meant.sentence)
    return _as_the_engine_says(text, engine)


def without_function(text: str, engine: str) -> BadQuery | None:
    """The complaint about a function that the engine does not have, when its message is about one."""
    found = re.search(r"custom (?:function|aggregate function) <(.*)> is not supported", engine)
    if not found:
        return None
    sentence = (
        f"There is no function <{short(found[1])}> here: those of SPARQL 1.1 and the casts of XML Schema are"
    )
    for token in tokens_of(text):
        if token.kind == "iri" and found[1].endswith(token.text[1:-1]):
            return fault(text, token.start, sentence)
        local = token.text.partition(":")[2]
        if token.kind == "name" and local and found[1].endswith(local):
            return fault(text, token.start, sentence)
    return BadQuery(sentence + ".")


def _undeclared(prefix: str, prefixes: Mapping[str, str]) -> str:
    declaration = f"PREFIX {prefix}: <{prefixes.get(prefix, '…')}>"
    return f"The prefix {prefix}: is not declared: begin the query with {declaration}"


def _as_the_engine_says(text: str, engine: str) -> BadQuery:
    """The engine's message, with the last token before the place that it names."""
    said = ", ".join(re.findall(r"(?:one of |, |expected )([A-Z][A-Za-z ]*[a-z]{2,}[A-Za-z *]*)", engine))
    reason = f": {said}" if said else ""
    found = re.match(r"error at (\d+):(\d+): ", engine)
    if not found:
        return BadQuery(f"The query does not parse: {engine.rstrip('.')}.")
    line, column = int(found[1]), int(found[2])
    return BadQuery(
        f"The query does not parse at or before line {line}, column {column}{reason}.",
        line,
        column,
        line_of(text, line),
    )

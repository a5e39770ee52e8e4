"""`ldnkg query`: a SPARQL query on the current release."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from ldnkg.cli import options
from ldnkg.endpoint import Endpoint
from ldnkg.errors import BadQuery
from ldnkg.formats import GRAPHS
from ldnkg.iris import curie
from ldnkg.places import releases_root
from ldnkg.query import Answer, Limits, Pool, inspect
from ldnkg.query.results import RESULTS
from ldnkg.release import current

_SUFFIXES = ["table", *(each.suffix for each in (*RESULTS, *GRAPHS))]


@click.command("query")
@click.argument("text", metavar="[QUERY]", required=False)
@click.option(
    "--file", "-f", type=click.File(encoding="utf-8"), help="Read the query from a file; - is stdin."
)
@click.option(
    "--format",
    "suffix",
    type=click.Choice(_SUFFIXES),
    help="[default: table; ttl for CONSTRUCT and DESCRIBE]",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    help="Stop the query after so long. [default: 10]",
)
@options.store
@options.releases
def command(
    text: str | None,
    file: Any,
    suffix: str | None,
    seconds: float | None,
    store: str | None,
    releases: Path | None,
) -> None:
    """Ask the current release a SPARQL query.

    \b
    ldnkg query 'SELECT * { ?s ?p ?o } LIMIT 5'
    ldnkg query --file question.rq --format csv
    """
    if (text is None) == (file is None):
        raise click.UsageError("Give the query as an argument, or with --file.")
    release = current(releases_root(releases), elsewhere=store is not None)
    limits = Limits.from_environment(os.environ)
    limits = replace(limits, workers=1, seconds=seconds or limits.seconds)
    endpoint = Endpoint.from_environment(os.environ, store)
    pool = Pool(release.path, limits, spare=0, endpoint=endpoint)
    try:
        query = inspect(text or file.read(), limits, release.manifest["base"])
        suffix = suffix or ("ttl" if query.is_graph else "table")
        answer = pool.run(query, "json" if suffix == "table" else suffix)
    except BadQuery as fault:
        if fault.line:
            click.echo(f"{fault.shown}\n{fault.pointer}", err=True)
        raise
    finally:
        pool.close()
    if suffix == "table":
        _print(answer, release.manifest["prefixes"])
    else:
        sys.stdout.buffer.write(answer.body)


def _print(answer: Answer, prefixes: dict[str, str]) -> None:
    """A table for people: IRIs shortened, nothing cut."""
    found = json.loads(answer.body)
    if "boolean" in found:
        click.echo("yes" if found["boolean"] else "no")
        return
    table = Table(*found["head"]["vars"], caption=f"{answer.rows} rows")
    for column in table.columns:
        column.overflow = "fold"
    for row in found["results"]["bindings"]:
        table.add_row(*(_text(row.get(name), prefixes) for name in found["head"]["vars"]))
    Console(width=None if sys.stdout.isatty() else 10_000, markup=False, emoji=False).print(table)


def _text(term: dict[str, Any] | None, prefixes: dict[str, str]) -> str:
    if term is None:
        return ""
    value = term["value"] if isinstance(term["value"], str) else json.dumps(term["value"])
    return curie(value, prefixes) or value if term["type"] == "uri" else value

"""SPARQL queries from outside, run where they can be killed.

`inspect` reads a query's tokens and refuses what is refused; a `Pool` runs it in one of a few worker
processes, each with the release opened read-only, no network and a memory limit, and kills the worker when
the query is over its time, or when nobody waits for its answer. Only small queries (`inline`), which have
nothing but patterns and take few look-ups whatever they find, are written anew and asked in the process that
holds the pool.
"""

from ldnkg.query.guard import Query, inspect
from ldnkg.query.limits import Limits
from ldnkg.query.pool import Pool
from ldnkg.query.stream import Answer, Stream
from ldnkg.query.tally import Tally
from ldnkg.query.warming import warm

__all__ = ["Answer", "Limits", "Pool", "Query", "Stream", "Tally", "inspect", "warm"]

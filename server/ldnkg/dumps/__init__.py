"""The whole graph as files: the same quads give the same bytes, anywhere with the same compressors.

`graph.nq` tells which named graph a triple stands in; the other formats hold the union. `{segment}.csv` is a
table of the things `{base}id/{segment}/…`. Beside each file stands the same in every content coding.
"""

from ldnkg.dumps.statements import statements
from ldnkg.dumps.tables import Column, Things, columns, table, things_by_segment
from ldnkg.dumps.writing import Dump, Kind, pack, planned

__all__ = [
    "Column",
    "Dump",
    "Kind",
    "Things",
    "columns",
    "pack",
    "planned",
    "statements",
    "table",
    "things_by_segment",
]

"""How lists are narrowed and put in order, computed once at release time: tables in `search.sqlite`.

A facet is a property shape with a `hydra:variable` (see ldnkg.layout). Everything that can be found has a
number there (see ldnkg.search); each value of a facet has the set of numbers that have it, and each column of
a list the order of its members. To narrow is to intersect sets, which takes microseconds.
"""

from ldnkg.facets.reading import KIND, Choice, Facet, Facets
from ldnkg.facets.writing import write_facets

__all__ = ["KIND", "Choice", "Facet", "Facets", "write_facets"]

"""Panels: what pages show besides plain facts, each a SPARQL query with a way to show its rows.

They are data beside the shapes, in the program's own vocabulary `view:` (docs/panels.md has all of it):

    shp:harbour-lights a view:Panel ;
        view:onPage ex:Harbour ;      # on the page of each thing of the class; or view:onList, view:onHome
        view:as view:Table ;
        sh:name "Lights"@en ; sh:description "The highest first."@en ;
        sh:group shp:group-lights ; sh:order 1 ;
        sh:select "SELECT ?light ?height { ?light ex:of $this ; ex:height ?height } ORDER BY DESC(?height)" .

In the query `$this` is the thing, the class or the dataset that the page is about. Concepts of closed lists
may have a mark (`view:mark`) and a rung of a ladder (`view:rung`), with which every page shows them.

What grows with the graph is asked once, when a release is made, and kept in `panels.sqlite`; so are the pages
of kinds that have few things, and all of them for a site with a store elsewhere.
"""

from ldnkg.views.kept import PANELS, Overviews
from ldnkg.views.reading import Panel, Panels, Shown, columns, runs
from ldnkg.views.writing import HUB, all_things, few, write_panels

__all__ = [
    "HUB",
    "PANELS",
    "Overviews",
    "Panel",
    "Panels",
    "Shown",
    "all_things",
    "columns",
    "few",
    "runs",
    "write_panels",
]

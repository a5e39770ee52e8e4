"""What can show the rows of a panel, and the marks that concepts may have: the vocabulary `view:`."""

from collections.abc import Mapping

VIEWERS: Mapping[str, tuple[str, ...]] = {
    "Arms": ("outcome", "arm", "value", "unit"),
    "Balance": ("mark", "count"),
    "Bands": ("name", "low", "high", "usual"),
    "Columns": ("label", "count"),
    "Facts": ("name", "value"),
    "Flow": ("stage", "people", "text"),
    "Forest": ("outcome", "estimate", "low", "high"),
    "Gaps": ("gap",),
    "Heat": ("row", "column", "mark", "count"),
    "Lines": ("direction", "document", "level"),
    "Path": ("step", "from", "relation", "to"),
    "Sentences": ("paragraph", "sentence"),
    "Sides": ("side", "claim"),
    "Split": ("mark", "count"),
    "Table": (),
    "Triple": ("subject", "predicate", "object"),
    "Verdicts": ("where", "statement", "verdict"),
}
"""Each viewer, such as `view:Forest`, with the variables that its query has to select."""

DRAWN = ("Arms", "Columns", "Forest", "Heat", "Path")
"""The viewers whose drawing is to be had as a picture by itself."""

LISTING = ("Gaps", "Sides", "Table")
"""The viewers that list things."""

MARKS = (
    "supports",
    "uncertain",
    "context",
    "unverified",
    "disputes",
    "harm",
    "retracted",
    "overstated",
    "outdated",
)
"""The marks that a concept may have, such as `view:harm`, in the order in which they are counted."""

RUNGS = 6
"""The rungs of the ladder that `view:rung` counts; the highest is the last."""

PLACES = ("onPage", "onList", "onHome", "onQuality")
"""Where a panel may stand: on the page of each thing of a class, over its list, on the first page, on
the page for curators."""

PARTS = ("strip", "short", "aside")
"""The parts of a page's frame that `view:part` names; a panel without it stands in the body."""

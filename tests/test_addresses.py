"""Names that no request could tell apart are found before there is a release."""

from pathlib import Path

import pytest
from conftest import LIGHTS, write

from ldnkg.sources import load
from ldnkg.validate import addresses
from ldnkg.validate.index import Index

THING = """\
<https://example.org/lights/id/light/{}> a <https://example.org/lights/ont#Light> ;
    <http://www.w3.org/2004/02/skos/core#prefLabel> "A light"@en .
"""


def found(tmp_path: Path, *names: str) -> list[str]:
    """What is said of the sources with lights of these names."""
    text = "".join(THING.format(name) for name in names)
    sources = load(write(tmp_path / "odd", LIGHTS | {"graph/odd.ttl": text}))
    return [problem.message for problem in addresses.check(Index(sources)) if problem]


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("a%2fb",), "%2F for the %2f"),
        (("a%41",), "A for the %41"),
        (("%7Euser",), "~ for the %7E"),
        (("a/../b",), "dots"),
        (("a/.",), "dots"),
        (("a/b", "a%2Fb"), "cannot tell"),
        (("g+h", "g%2Bh"), "cannot tell"),
        (("x", "x.ttl"), "as Turtle"),
        (("x", "x.linkset.json"), "as Link set, JSON"),
        (("y", "y/incoming/ex:keptBy"), "a list of"),
    ],
)
def test_a_name_whose_address_leads_elsewhere_is_a_violation(
    tmp_path: Path, names: tuple[str, ...], says: str
) -> None:
    (message,) = found(tmp_path, *names)
    assert says in message


@pytest.mark.parametrize(
    "names",
    [
        ("a%2Fb",),
        ("caf%C3%A9",),
        ("café",),
        ("st.paul",),
        ("x.ttl",),
        ("...",),
        ("a//b",),
        ("y/incoming/z",),
        ("%FF",),
    ],
)
def test_a_name_that_is_only_odd_is_none(tmp_path: Path, names: tuple[str, ...]) -> None:
    assert found(tmp_path, *names) == []

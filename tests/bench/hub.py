"""A graph with one hub: a keeper of many lights, beside a keeper of one."""

from pathlib import Path

from conftest import LIGHTS, write

HUB, SMALL = "doc/keeper/hub", "doc/keeper/winstanley"
_HEAD = """\
@prefix ex: <https://example.org/lights/ont#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <https://example.org/lights/vocab#> .

<https://example.org/lights/id/keeper/hub> a ex:Keeper ;
    skos:prefLabel "Keeper of all"@en .
"""
_LIGHT = """\
<https://example.org/lights/id/light/l{0}> a ex:Light ;
    ex:keptBy <https://example.org/lights/id/keeper/hub> ;
    ex:state v:lit ;
    skos:prefLabel "Light {0}"@en .
"""


def sources(folder: Path, links: int) -> Path:
    """The lighthouses with a hub that so many links lead to."""
    text = _HEAD + "".join(_LIGHT.format(number) for number in range(links))
    return write(folder, LIGHTS | {"graph/hub.ttl": text})

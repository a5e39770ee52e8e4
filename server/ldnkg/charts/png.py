"""Pictures as pixels."""

import resvg_py

_ZOOM = 2


def png(svg: str) -> bytes:
    """A PNG of an SVG, two pixels for each unit; its texts are in a font of this machine.

    Nothing is fetched: pictures inside the SVG, of which ours have none, are looked for in no folder.
    """
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=_ZOOM, background="white"))

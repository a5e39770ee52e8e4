"""Answers about releases rather than from one: they change with the history, so their bytes validate them."""

import json
from collections.abc import Callable

from flask import Response, g, render_template, request
from werkzeug.exceptions import NotFound

from ldnkg.formats import FORMATS, Format
from ldnkg.negotiate import negotiate
from ldnkg.web.answers import variant, variants
from ldnkg.web.caching import validated

PAGE = next(each for each in FORMATS if each.kind == "page")


def split(path: str, among: tuple[Format, ...]) -> tuple[str, str | None]:
    """A path without its suffix, and the suffix, if it is one of these formats'.

    >>> from ldnkg.formats import JSON
    >>> split("light/eddystone.json", (JSON,)), split("light/st.paul", (JSON,))
    (('light/eddystone', 'json'), ('light/st.paul', None))
    """
    stem, _, suffix = path.rpartition(".")
    return (stem, suffix) if stem and any(suffix == each.suffix for each in among) else (path, None)


def answer(
    path: str, suffix: str | None, among: tuple[Format, ...], body: Callable[[Format], str | bytes]
) -> Response:
    """The answer for what stands at `path`, below the mount point and without suffix; `body` writes it.

    Raises NotAcceptable, and NotFound for a suffix that is none of `among`.
    """
    g.variants = variants(path, among)
    wanted = suffix or request.args.get("format")
    found = next((each for each in among if each.suffix == wanted), None)
    if wanted and found is None:
        raise NotFound(f"There is no variant {wanted[:20]!r} here.")
    format_ = found or negotiate(request.headers.get("Accept"), among)
    response = Response(body(format_), mimetype=format_.media_type)
    if suffix is None:
        response.content_location = variant(path, format_)
        if not wanted:
            response.vary.add("Accept")
    if format_.kind == "page":
        response.vary.add("Accept-Language")
    for each, where in g.variants:
        response.headers.add("Link", f'<{where}>; rel="alternate"; type="{each.media_type}"')
    return validated(response)


def page(template: str, **values: object) -> str:
    """A page that leads to its own variants."""
    return render_template(template, variants=g.variants, **values)


def as_json(what: object) -> str:
    """A value as JSON text for people to read too."""
    return json.dumps(what, ensure_ascii=False, indent=2) + "\n"

"""The site's own files, such as its style: each is compressed once, and told apart by its time and size."""

import mimetypes
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from ldnkg.codings import Coding
from ldnkg.negotiate import negotiate_coding
from ldnkg.web.caching import public
from ldnkg.web.conditional import conditional


def register(app: Flask) -> None:
    """Answer for the static files, in the coding that the client likes best. Two applications keep apart."""
    kept: dict[str, bytes] = {}

    def asset(filename: str) -> Response:
        path = Path(safe_join(app.static_folder or "", filename) or "")
        if not path.is_file():
            raise NotFound(f"This site has no file {filename}.")
        coding = negotiate_coding(request.headers.get("Accept-Encoding"))
        found = path.stat()
        tag = f"{found.st_mtime_ns:x}-{found.st_size:x}-{coding.token if coding else 'identity'}"
        response = Response(mimetype=mimetypes.guess_type(path.name)[0] or "application/octet-stream")
        response.set_etag(tag)
        response.last_modified = datetime.fromtimestamp(int(found.st_mtime), UTC)
        response.vary.add("Accept-Encoding")
        public(response)
        if conditional(response).status_code == 304:
            return response
        if coding:
            response.headers["Content-Encoding"] = coding.token
        key = f"{path}-{tag}"
        if key not in kept:
            kept[key] = _bytes(path, coding)
        response.set_data(kept[key])
        return response

    app.view_functions["static"] = asset


def _bytes(path: Path, coding: Coding | None) -> bytes:
    data = path.read_bytes()
    return coding.quick(data) if coding else data

"""A configuration of nginx with its JavaScript module (Debian: nginx, libnginx-mod-http-js)."""

import hashlib
import json
import re
from dataclasses import asdict

from ldnkg.export.hosts import FOLDER, Hosted, told

_VARIABLES = ("file", "etag", "vary", "link", "location", "coding", "cache")
"""What the script finds out about an answer."""
_FIELDS = {
    "ETag": "etag",
    "Vary": "vary",
    "Link": "link",
    "Content-Location": "location",
    "Content-Encoding": "coding",
    "Cache-Control": "cache",
}


def configuration(site: Hosted) -> str:
    """What to include in a `server` block."""
    fixed = "".join(f"    add_header {name} {quoted(value)} always;\n" for name, value in site.always.items())
    found = "".join(f"    add_header {name} $ldnkg_{source} always;\n" for name, source in _FIELDS.items())
    headers = fixed + found
    return _TEMPLATE.format(
        base=site.base,
        folder=FOLDER,
        root=quoted(str(site.root)),
        path=quoted(f"{site.root}/{FOLDER}"),
        mount=quoted(site.mount or "/"),
        below=quoted(f"{site.mount}/"),
        variables="".join(f'    set $ldnkg_{each} "";\n' for each in _VARIABLES),
        headers=headers,
        top=""
        if not site.mount
        else f"location = {quoted(site.mount)} {{\n    rewrite ^ {quoted(site.mount + '/')} last;\n}}\n",
        own=_OWN.format(headers=fixed.replace("    ", "")) if not site.mount else "",
        types="".join(
            _TYPE.format(number=number, type=quoted(each), headers=headers, ranges=ranges, limit=limit)
            for number, each in enumerate(site.types)
            for ranges, limit in (("", "    max_ranges 0;\n"), ("-in-ranges", ""))
        ),
    )


def facts(site: Hosted) -> str:
    """The module from which the script knows this export, but for the single files."""
    text = json.dumps(told(site), ensure_ascii=True, indent=1)
    return f"// What the script has to know of this export.\n\nexport default {text};\n"


def singles(site: Hosted) -> dict[str, str]:
    """What the script has to know of each file that is no variant, by the names of the files that say it.

    They are files of their own, found by the digest of the address: a list of all of them would be read with
    each request.
    """
    return {
        f"{_SINGLE}/{hashlib.sha256(address.encode()).hexdigest()[:16]}.json": json.dumps(asdict(each))
        for address, each in site.written.single.items()
    }


def quoted(text: str) -> str:
    """A text as a word of a configuration; raises ValueError for what nginx would take for a variable.

    >>> quoted('say "x"')
    '"say \\\\"x\\\\""'
    """
    if "$" in text:
        raise ValueError(f"nginx would look for a variable in {text!r}")
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


_SINGLE = "single"
_TYPE = """
location @ldnkg-{number}{ranges} {{
    internal;
    types {{}}
    default_type {type};
    root $ldnkg_root;
    try_files $ldnkg_file =404;
{limit}{headers}}}
"""

_OWN = """\
large_client_header_buffers 4 64k;
{headers}"""
"""The whole server is ours: what nginx refuses by itself has the same fields."""

_TEMPLATE = """\
# {base}, as files. Include this in a server block:
#
#     load_module modules/ngx_http_js_module.so;        (Debian does so: libnginx-mod-http-js)
#     server {{
#         listen 80;
#         include {folder}/nginx.conf;
#     }}

js_path {path};
js_import ldnkg from site.js;
set $ldnkg_root {root};
merge_slashes off;
absolute_redirect off;
etag off;
gzip off;
if_modified_since before;
{own}
{top}location {below} {{
{variables}    js_content ldnkg.serve;
{headers}}}
{types}"""

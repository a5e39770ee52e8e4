"""A configuration of nginx with its JavaScript module (Debian: nginx, libnginx-mod-http-js)."""

import hashlib
import json
import re
from dataclasses import asdict
from textwrap import indent

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
    fixed = indent(_always(site), "    ")
    found = "".join(f"    add_header {name} $ldnkg_{source} always;\n" for name, source in _FIELDS.items())
    headers = fixed + found
    return _TEMPLATE.format(
        base=site.base,
        folder=FOLDER,
        where=site.root,
        root=quoted(str(site.root)),
        path=quoted(f"{site.root}/{FOLDER}"),
        mount=quoted(site.mount or "/"),
        below=quoted(f"{site.mount}/"),
        variables="".join(f'    set $ldnkg_{each} "";\n' for each in _VARIABLES),
        headers=headers,
        top=_top(site),
        own=_own(site),
        types="".join(
            _TYPE.format(number=number, type=quoted(each), headers=headers, ranges=ranges, limit=limit)
            for number, each in enumerate(site.types)
            for ranges, limit in (("", "    max_ranges 0;\n"), ("-in-ranges", ""))
        ),
    )


def cached(site: Hosted) -> str:
    """What to include in another `server` block, which keeps what the script in the first one has answered.

    What comes in ranges of bytes is large, and sent as it is. What an answer is kept by has the fields of the
    request that most answers vary by, so that there is one file for it; whatever is in it, `Vary` decides.
    """
    apart = sorted(address for address, each in site.written.single.items() if each.ranges)
    return _CACHED.format(
        base=site.base,
        folder=FOLDER,
        where=site.root,
        below=quoted(f"{site.mount}/"),
        stamp=site.stamp,
        one_form="|".join(re.escape(each) for each in site.written.suffixes),
        own=_own(site),
        top=_top(site),
        apart="".join(_APART.format(address=quoted(site.mount + each), as_given=_AS_GIVEN) for each in apart),
    )


def _own(site: Hosted) -> str:
    """What nginx says by itself, where all of the host is ours."""
    return _OWN.format(headers=_always(site)) if not site.mount else ""


def _top(site: Hosted) -> str:
    """The first page without its last slash."""
    if not site.mount:
        return ""
    return f"location = {quoted(site.mount)} {{\n    rewrite ^ {quoted(site.mount + '/')} last;\n}}\n"


def _always(site: Hosted) -> str:
    return "".join(f"add_header {name} {quoted(value)} always;\n" for name, value in site.always.items())


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
#         include {where}/{folder}/nginx.conf;
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
{variables}    types {{}}
    default_type "";
    js_content ldnkg.serve;
{headers}}}
{types}"""

_CACHED = """\
# {base}, as files, and fast: the answers of nginx.conf, kept. Include this in the http block:
#
#     proxy_cache_path /var/lib/nginx/ldnkg levels=1:2 keys_zone=ldnkg:16m max_size=2g inactive=30d
#         use_temp_path=off;
#     upstream ldnkg_files {{ server unix:/run/ldnkg-files.sock; keepalive 16; }}
#     map $status $ldnkg_kept_link {{ 304 ""; 412 ""; default $upstream_http_link; }}
#     server {{ listen unix:/run/ldnkg-files.sock; include {where}/{folder}/nginx.conf; }}
#     server {{ listen 80; open_file_cache max=256; include {where}/{folder}/nginx-cached.conf; }}

merge_slashes off;
absolute_redirect off;
if_modified_since before;
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_set_header Host $host;
{own}
set $ldnkg_accept $http_accept;
set $ldnkg_codings $http_accept_encoding;
if ($ldnkg_accept ~ "^.{{257}}") {{ set $ldnkg_accept ""; }}
if ($ldnkg_codings ~ "^.{{257}}") {{ set $ldnkg_codings ""; }}

{top}location {below} {{
    proxy_pass http://ldnkg_files;
    proxy_cache ldnkg;
    proxy_cache_key "{stamp} $request_uri\\n$ldnkg_accept\\n$ldnkg_codings";
    proxy_cache_valid 200 303 30d;
    proxy_cache_lock on;
    proxy_buffer_size 128k;
    proxy_buffers 4 128k;
    proxy_busy_buffers_size 256k;
    proxy_ignore_headers Cache-Control Expires;
    proxy_hide_header Link;
    add_header Link $ldnkg_kept_link always;
    sendfile off;
    output_buffers 2 64k;
    postpone_output 16k;

    location ~ "\\.(?:{one_form})\\z" {{
        proxy_pass http://ldnkg_files;
        proxy_cache_key "{stamp} $request_uri\\n\\n$ldnkg_codings";
    }}
}}
{apart}"""

_APART = """
location = {address} {{
    proxy_pass http://ldnkg_files;
    proxy_max_temp_file_size 0;
    {as_given}
}}
"""
_AS_GIVEN = 'add_header Via "";'
"""A field that is not sent, for want of a value, in the place of those that the server adds by itself."""

"""A configuration of Apache 2.4, as an `.htaccess` in the folder itself: no right on the host is needed."""

import re
from collections.abc import Iterator

from ldnkg.export.hosts import FOLDER, ONE_RELEASE, Hosted
from ldnkg.export.writing import PATH, Moved, Page


def configuration(site: Hosted) -> str:
    """The text of the `.htaccess`."""
    suffixes = "|".join(re.escape(each) for each in site.written.suffixes)
    return _TEMPLATE.format(
        base=site.base,
        folder=re.escape(FOLDER),
        mount=site.mount,
        suffixes=suffixes,
        always="".join(f"Header always set {name} {quoted(value)}\n" for name, value in site.always.items()),
        cache=quoted(site.cache),
        types="".join(_types(site)),
        moved="".join(_moved(each, site.mount) for each in site.written.moved),
        single="".join(
            f"RewriteRule {quoted(f'^{re.escape(address[1:])}$')} {quoted(each.file)} [L]\n"
            for address, each in site.written.single.items()
            if each.file != address[1:]
        ),
        pages="".join(_page(address, each) for address, each in site.written.pages.items()),
        alone="|".join(re.escape(address[1:]) for address in site.written.pages),
        told="".join(_told(address, each, site.mount) for address, each in site.written.pages.items()),
        dated=quoted(ONE_RELEASE),
        links="".join(_link(each) for each in sorted(site.written.links or ())),
        compressed=" ".join(sorted({each.partition(";")[0] for each in site.types if _is_text(each)})),
    )


def quoted(text: str) -> str:
    """A text as one word of a configuration.

    >>> quoted('say "x"')
    '"say \\\\"x\\\\""'
    """
    return '"' + text.replace('"', '\\"') + '"'


def _types(site: Hosted) -> Iterator[str]:
    """The media type of each suffix, the longer suffixes last, and those of single files that differ."""
    known = dict(sorted(site.written.suffixes.items(), key=lambda each: each[0].count(".")))
    for suffix, type_ in known.items():
        yield f'<FilesMatch "\\.{re.escape(suffix)}$">\n    ForceType {quoted(type_)}\n</FilesMatch>\n'
    for each in site.written.single.values():
        if known.get(each.file.rpartition(".")[2]) != each.type:
            name = quoted(each.file.rpartition("/")[2])
            yield f"<Files {name}>\n    ForceType {quoted(each.type)}\n</Files>\n"


def _moved(moved: Moved, mount: str) -> str:
    where = quoted(f"^{re.escape(moved.address[1:])}$")
    if moved.status == 410:
        return f"RewriteRule {where} - [R=410,L]\n"
    return f"RewriteRule {where} {quoted(moved.location)} [R={moved.status},NE,L]\n"


def _page(address: str, page: Page) -> str:
    """The file for people, and refusals of what sends a query or reads no page."""
    return _PAGE.format(where=quoted(f"^{re.escape(address[1:])}$"), file=quoted(page.file))


def _told(address: str, page: Page, mount: str) -> str:
    """What a program reads there instead of the page."""
    asked = quoted(f"%{{THE_REQUEST}} =~ m#^[A-Z]+ {re.escape(mount + address)}[? ]#")
    return _TOLD.format(asked=asked, refusal=quoted(page.refusal))


def _link(link: str) -> str:
    """A Link field of every variant; the path is the variant's own."""
    said = link.replace('"', '\\"').replace(PATH, "%{escape:%{reqenv:LDNKG_PATH}}")
    return f'Header add Link "expr={said}" env=LDNKG_PATH\n'


def _is_text(type_: str) -> bool:
    return "charset" in type_ or any(
        word in type_ for word in ("json", "xml", "n-triples", "n-quads", "linkset")
    )


_PAGE = """
RewriteCond %{{REQUEST_METHOD}} !^(?:GET|HEAD|OPTIONS)$
RewriteRule {where} - [R=405,L]
RewriteCond %{{REQUEST_METHOD}} !^OPTIONS$
RewriteCond %{{HTTP:Accept}} !text/html [NC]
RewriteCond %{{QUERY_STRING}} (?:^|&)query= [OR]
RewriteCond %{{HTTP:Accept}} !(?:^\\s*$|(?:\\*|text)/\\*)
RewriteRule {where} - [R=406,L]
RewriteRule {where} {file} [L]
"""
_TOLD = """
<If {asked}>
    ErrorDocument 405 {refusal}
    ErrorDocument 406 {refusal}
    Header always set Allow "GET, HEAD, OPTIONS" "expr=%{{REQUEST_STATUS}} == 405"
    Header always set Content-Type "text/plain; charset=utf-8" "expr=%{{REQUEST_STATUS}} >= 405"
    Header always merge Vary Accept
</If>
"""

_TEMPLATE = """\
# {base}, as files, for Apache 2.4 with mod_rewrite, mod_negotiation, mod_headers and mod_mime.
# The host has to allow it: AllowOverride FileInfo Indexes Options=MultiViews,Indexes

Options -Indexes -MultiViews
DirectorySlash Off
DirectoryIndex index.html
AddDefaultCharset Off
FileETag INode MTime Size
ErrorDocument 404 {mount}/404.html
ErrorDocument 410 {mount}/410.html

{types}<FilesMatch "\\.var$">
    SetHandler type-map
</FilesMatch>

RewriteEngine On
RewriteOptions AllowNoSlash
RewriteBase {mount}/

RewriteRule ^\\.(?!well-known/) - [R=404,L]
RewriteCond %{{THE_REQUEST}} "\\.var[? ]"
RewriteCond %{{ENV:REDIRECT_STATUS}} ^$
RewriteRule . - [R=404,L]
RewriteCond %{{ENV:REDIRECT_STATUS}} ^$
RewriteCond %{{QUERY_STRING}} (?:^|&)release=
RewriteRule ^ - [R=404,L]
{moved}{single}{pages}
# A thing is no document: 303 leads to the document about it.
RewriteCond %{{REQUEST_FILENAME}} ^(.+)/id(?:/.*)?$
RewriteCond %1/doc/$1.var -f
RewriteRule ^id/(.+)$ {mount}/doc/$1 [R=303,L]

# The pages of a list.
RewriteCond %{{ENV:REDIRECT_STATUS}} ^$
RewriteCond %{{QUERY_STRING}} (?:^|&)page=([1-9][0-9]*)(?:&|$)
RewriteCond %1 !^1$
RewriteRule ^((?:class/|.*/(?:incoming|outgoing)/).+?)(\\.(?:{suffixes}))?$ $1.page-%1$2

# The format asked for by ?format=, or else by Accept.
RewriteCond %{{QUERY_STRING}} (?:^|&)format=([a-z.]+)(?:&|$)
RewriteCond %{{REQUEST_FILENAME}}.%1 -f
RewriteRule ^(.+)$ $1.%1 [L]
RewriteCond %{{QUERY_STRING}} (?:^|&)format=
RewriteCond %{{REQUEST_FILENAME}}.var -f
RewriteRule . - [R=404,L]
RewriteCond %{{REQUEST_FILENAME}}.var -f
RewriteRule ^(.+)$ $1.var [L,E=LDNKG_CHOSEN:1]

RewriteCond %{{REQUEST_FILENAME}} ^(.+)\\.(?:{suffixes})$
RewriteCond %1.var -f
RewriteCond $1 !^(?:{alone})$
RewriteRule ^(.+?)(?:\\.page-[0-9]+)?\\.(?:{suffixes})$ - [E=LDNKG_PATH:{mount}/$1]

{always}Header set Cache-Control {cache} "expr=%{{REQUEST_STATUS}} -lt 400"
Header always set Cache-Control no-cache "expr=%{{REQUEST_STATUS}} -ge 400"
Header always set Content-Location "expr=%{{escape:%{{REQUEST_URI}}}}" env=REDIRECT_REDIRECT_LDNKG_CHOSEN
{told}
<If "%{{QUERY_STRING}} =~ m#(?:^|&)release=#">
    ErrorDocument 404 {dated}
    Header always set Content-Type "text/plain; charset=utf-8" "expr=%{{REQUEST_STATUS}} == 404"
</If>
{links}
<IfModule mod_deflate.c>
    AddOutputFilterByType DEFLATE {compressed}
</IfModule>
"""

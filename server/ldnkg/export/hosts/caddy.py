"""A configuration of Caddy 2, as a snippet for a site block: matchers, so no quality values."""

import json
import re
from collections.abc import Iterator

from ldnkg.export.hosts import FOLDER, ONE_RELEASE, Hosted
from ldnkg.export.writing import CHOICES, PATH, Moved, Page


def configuration(site: Hosted) -> str:
    """What to import in a site block."""
    suffixes = "|".join(re.escape(each) for each in site.written.suffixes)
    packed = " ".join(each.token for each in site.codings)
    return _TEMPLATE.format(
        base=site.base,
        folder=FOLDER,
        root=quoted(str(site.root)),
        mount=site.mount,
        below=quoted(f"{site.mount}/*"),
        choices=CHOICES,
        suffixes=suffixes,
        always="".join(f"\theader {name} {quoted(value)}\n" for name, value in site.always.items()),
        cache=quoted(site.cache),
        moved="".join(_moved(each, number, site.mount) for number, each in enumerate(site.written.moved)),
        single="".join(
            f"\t\trewrite {quoted(address)} {quoted('/' + each.file)}\n"
            for address, each in site.written.single.items()
            if each.file != address[1:] and address != "/"
        ),
        pages="".join(_page(*each, number) for number, each in enumerate(site.written.pages.items())),
        alone="".join(f" {quoted(f'/{each.file}')}" for each in site.written.pages.values()),
        dated=quoted(ONE_RELEASE),
        accept="".join(_accepts(site)),
        formats="".join(_formats(site)),
        types="".join(_types(site)),
        links="".join(_link(each) for each in sorted(site.written.links or ())),
        packed=f" {{\n\t\t\tprecompressed {packed}\n\t\t}}" if packed else "",
    )


def quoted(text: str) -> str:
    """A text as one word of a Caddyfile.

    >>> quoted('say "x"')
    '"say \\\\"x\\\\""'
    """
    return json.dumps(text, ensure_ascii=False)


def _accepts(site: Hosted) -> Iterator[str]:
    """Which variant Accept names: of data the first in our order; else the page."""
    page, *data = site.written.suffixes
    for suffix in (*data, page):
        type_ = site.written.suffixes[suffix].partition(";")[0]
        said = f"`(?i)(?:^|[,\\s]){re.escape(type_)}\\s*(?:[;,]|$)`"
        yield (
            f"\t\t@accepts-{suffix} {{\n\t\t\tvars found yes\n\t\t\theader_regexp Accept {said}\n"
            f"\t\t\tfile {{path}}.{suffix}\n\t\t}}\n"
            f"\t\trewrite @accepts-{suffix} {{path}}.{suffix}\n"
        )
    for name, said in (
        ("unsaid", "not header Accept *"),
        ("any", "header_regexp Accept ^\\s*$|(\\*|text)/\\*"),
    ):
        yield (
            f"\t\t@{name} {{\n\t\t\tvars found yes\n\t\t\t{said}\n\t\t\tfile {{path}}.{page}\n\t\t}}\n"
            f"\t\trewrite @{name} {{path}}.{page}\n"
        )


def _formats(site: Hosted) -> Iterator[str]:
    """The variant that ?format= names."""
    for suffix in site.written.suffixes:
        yield (
            f"\t\t@format-{suffix} {{\n\t\t\tvars found yes\n\t\t\tquery format={suffix}\n"
            f"\t\t\tfile {{path}}.{suffix}\n\t\t}}\n\t\trewrite @format-{suffix} {{path}}.{suffix}\n"
        )


def _types(site: Hosted) -> Iterator[str]:
    """The media type of each suffix, the longer suffixes last, and those of single files."""
    known = dict(sorted(site.written.suffixes.items(), key=lambda each: each[0].count(".")))
    named = [(f"*.{suffix}", type_) for suffix, type_ in known.items()]
    named += [
        (f"/{each.file}", each.type)
        for each in site.written.single.values()
        if known.get(each.file.rpartition(".")[2]) != each.type
    ]
    for number, (path, type_) in enumerate(named):
        yield f"\t\t@type-{number} path {quoted(path)}\n"
        yield f"\t\theader @type-{number} Content-Type {quoted(type_)}\n"


def _moved(moved: Moved, number: int, mount: str) -> str:
    where = f"\t\t@moved-{number} path {quoted(moved.address)}\n"
    if moved.status == 410:
        return f'{where}\t\terror @moved-{number} "Gone" 410\n'
    return f"{where}\t\tredir @moved-{number} {quoted(moved.location)} {moved.status}\n"


def _page(address: str, page: Page, number: int) -> str:
    """The file for people, and refusals of what sends a query or reads no page."""
    return _PAGE.format(
        number=number, where=quoted(address), file=quoted(f"/{page.file}"), refusal=quoted(page.refusal)
    )


def _link(link: str) -> str:
    """A Link field of every variant."""
    return f"\t\theader @known +Link {quoted(link.replace(PATH, '{http.vars.stem}'))}\n"


_PAGE = """\
		@sent-{number} {{
			path {where}
			not method GET HEAD OPTIONS
		}}
		@unread-{number} {{
			path {where}
			method GET HEAD
			not header_regexp Accept (?i)text/html
			not {{
				not query query=*
				header_regexp Accept ^\\s*$|(\\*|text)/\\*
			}}
			not {{
				not query query=*
				not header Accept *
			}}
		}}
		@told-{number} path {where}
		header @told-{number} Vary "Accept, Accept-Encoding"
		route @sent-{number} {{
			header Allow "GET, HEAD, OPTIONS"
			header Cache-Control no-cache
			header Content-Type "text/plain; charset=utf-8"
			respond {refusal} 405
		}}
		route @unread-{number} {{
			header Cache-Control no-cache
			header Content-Type "text/plain; charset=utf-8"
			respond {refusal} 406
		}}
		rewrite @told-{number} {file}
"""

_TEMPLATE = """\
# {base}, as files, for Caddy 2. Import this in a site block:
#
#     example.org {{
#         import {folder}/Caddyfile
#     }}

root * {root}
{always}
handle_path {below} {{
	route {{
		@hidden path /.hosting/* /.ldnkg-export.json /.htaccess /.nojekyll *{choices}
		error @hidden "Not Found" 404
		@dated query release=*
		route @dated {{
			header Cache-Control no-cache
			header Content-Type "text/plain; charset=utf-8"
			respond {dated} 404
		}}
{pages}		@other not method GET HEAD OPTIONS
		header @other Allow "GET, HEAD, OPTIONS"
		error @other "Method Not Allowed" 405
		@options method OPTIONS
		header @options Allow "GET, HEAD, OPTIONS"
		respond @options 200
		header Cache-Control {cache}
{moved}
		@id path_regexp thing ^/id/(.+)$
		vars @id thing {{re.thing.1}}
		@thing {{
			path /id/*
			file /doc/{{http.vars.thing}}{choices}
		}}
		vars @thing there yes
		uri @thing strip_prefix /id
		@there vars there yes
		redir @there {mount}/doc{{uri}} 303

		@first query page=1
		@page {{
			query page=*
			not query page=1
			path_regexp page ^((?:/class/|/.*/(?:incoming|outgoing)/).+?)(\\.(?:{suffixes}))?$
		}}
		rewrite @page {{re.page.1}}.page-{{query.page}}{{re.page.2}}
{single}
		@negotiated file {{path}}{choices}
		vars @negotiated found yes
		header @negotiated Vary "Accept, Accept-Encoding"
{formats}{accept}
		@refused file {{path}}{choices}
		error @refused "Not Acceptable" 406

		@chosen {{
			vars found yes
			not query page=* format=*
		}}
		header @chosen Content-Location {mount}{{uri}}
		@variant path_regexp variant ^(.+?)(?:\\.page-[0-9]+)?\\.(?:{suffixes})$
		vars @variant below {{re.variant.1}}
		vars @variant stem {mount}{{re.variant.1}}
		@known {{
			file {{http.vars.below}}{choices}
			not path{alone}
		}}
{links}{types}
		file_server{packed}
	}}
}}

handle_errors {{
	header {{
		Cache-Control no-cache
		Content-Type "text/html; charset=utf-8"
		-Link
	}}
	@known expression `{{http.error.status_code}} in [404, 405, 406, 410]`
	rewrite @known /{{http.error.status_code}}.html
	file_server
}}
"""

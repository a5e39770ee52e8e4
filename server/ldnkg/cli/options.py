"""The options that commands share, each with its environment variable."""

from pathlib import Path

import click

FOLDER = click.Path(file_okay=False, path_type=Path)

sources = click.option(
    "--sources",
    type=FOLDER,
    envvar="LDNKG_SOURCES",
    help="Folder that holds ontology/, shapes/ and graph/. [default: the checkout's, else the wheel's]",
)
releases = click.option(
    "--releases",
    type=FOLDER,
    envvar="LDNKG_RELEASES",
    help="Folder for releases. [default: releases/ in a checkout, else the user's data folder]",
)
base = click.option(
    "--base",
    envvar="LDNKG_BASE",
    metavar="URL",
    help="Base of every IRI and link of the site, such as https://example.org/kg/.",
)

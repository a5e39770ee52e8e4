"""What the person who serves an export has to know."""

from ldnkg.export.hosts import FOLDER, Hosted, shipped


def text(site: Hosted) -> str:
    """The text of the README beside the configurations."""
    codings = ", ".join(each.token for each in site.codings) or "none"
    return shipped("README.md").format(base=site.base, folder=FOLDER, root=site.root, codings=codings)

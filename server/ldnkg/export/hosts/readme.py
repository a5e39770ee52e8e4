"""To come."""

from ldnkg.export.hosts import Hosted


def text(site: Hosted) -> str:
    """To come."""
    return ""

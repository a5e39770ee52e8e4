"""To come."""

from ldnkg.export.hosts import Hosted


def configuration(site: Hosted) -> str:
    """To come."""
    return ""

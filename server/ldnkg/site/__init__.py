"""The releases that are open now, and all that an answer needs from one. No web framework here.

A release never changes, so everything in an `Opened` may be read by many threads without a lock. When
`current` moves, the next request gets the new release; the old one is closed after its last request, so that
no request sees half of each. Former releases are opened when somebody asks for one.
"""

from ldnkg.site.folder import Site
from ldnkg.site.opened import Opened

__all__ = ["Opened", "Site"]

"""JSON inside a `script` element, where a label must not be able to end it (HTML, section 4.12.1.3)."""

import json
from collections.abc import Mapping
from typing import Any

CONTEXT = "https://schema.org"
"""The context that search engines know by heart; nothing fetches it."""

_UNSAFE = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}


def embedded(said: Mapping[str, Any]) -> str:
    r"""What is said, as one line of JSON-LD that cannot end its element, open a comment or break a script.

    >>> embedded({"name": "</script><!-- &"})
    '{"@context":"https://schema.org","name":"\\u003c/script\\u003e\\u003c!-- \\u0026"}'
    """
    text = json.dumps(
        {"@context": CONTEXT, **said}, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    return text.translate(_UNSAFE)

"""Where an endpoint is, who asks it, and how patiently."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from ldnkg.errors import CannotServe

STORE = "LDNKG_STORE"
"""The variable of the environment that names the endpoint."""


@dataclass(frozen=True)
class Address:
    """The URL of an endpoint, and the name and password to show it, which nothing prints."""

    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, text: str, environ: Mapping[str, str]) -> Self:
        """An address from a URL, which may have `name:password@`; raises CannotServe for anything else.

        Else `LDNKG_STORE_USER` and `LDNKG_STORE_PASSWORD` are name and password.

        >>> Address.read("http://dba:secret@db.example:8890/sparql", {})
        Address(url='http://db.example:8890/sparql', user='dba')
        """
        try:
            parts = urlsplit(text)
            fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            parts, fits = urlsplit(""), False
        if not fits or parts.fragment or not text.isascii() or any(each <= " " for each in text):
            raise CannotServe(
                "The address of the store will not do: give one such as https://db.example/sparql."
            )
        user, password = parts.username, parts.password
        if user is None:
            user, password = environ.get(f"{STORE}_USER"), environ.get(f"{STORE}_PASSWORD")
        else:
            user, password = unquote(user), unquote(password or "")
        return cls(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])), user, password)

    @property
    def parts(self) -> SplitResult:
        """The URL in its parts."""
        return urlsplit(self.url)

    @property
    def port(self) -> int:
        """The port that connections go to."""
        return self.parts.port or (443 if self.parts.scheme == "https" else 80)


@dataclass(frozen=True)
class Patience:
    """How an endpoint is asked; times in seconds. Each is set by `LDNKG_STORE_` and its name."""

    connect_seconds: float = 2.0
    """Time to reach it."""
    read_seconds: float = 10.0
    """Time that it may be silent."""
    connections: int = 8
    """Connections that a process keeps open."""
    failures: int = 3
    """So many failures in a row, and it is not asked for a while."""
    pause_seconds: float = 5.0
    """That while, after which one request tries again."""
    answer_bytes: int = 256 * 2**20
    """Size of one answer of it."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """The patience with those that `environ` sets, such as `LDNKG_STORE_FAILURES=5`; raises CannotServe.

        >>> Patience.from_environment({"LDNKG_STORE_FAILURES": "5"}).failures
        5
        """
        given: dict[str, float | int] = {}
        for each in fields(cls):
            name = f"{STORE}_{each.name.upper()}"
            if name in environ:
                given[each.name] = _number(name, environ[name], whole=isinstance(each.default, int))
        return cls(**given)  # type: ignore[arg-type]  # each is of the kind of its default

    @property
    def environment(self) -> dict[str, str]:
        """The variables that set these settings."""
        return {f"{STORE}_{name.upper()}": str(value) for name, value in asdict(self).items()}


def _number(name: str, text: str, *, whole: bool) -> float | int:
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        number = 0
    if not 0 < number < 2**63:
        raise CannotServe(f"{name} is {text!r}: set it to a positive number.")
    return number

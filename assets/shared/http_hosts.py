"""Which host an address names, and whether a token may go there at all."""

from urllib.parse import urlsplit

from assets.shared.http_failures import CallRefused


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").rstrip(".").lower(), port


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own."""
    return origin_of(url)[1] in ("127.0.0.1", "localhost", "::1")


def check_origin(crm: str, url: str) -> None:
    """Raises CallRefused for a host that is neither https nor this machine: a token would be readable on the way."""
    parts = urlsplit(url)
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(url))):
        raise CallRefused(f"{crm}: the host's address must be https")
    if parts.username or parts.password:
        raise CallRefused(f"{crm}: the host's address must not hold a password")

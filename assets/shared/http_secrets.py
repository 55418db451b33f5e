"""Secrets from the environment, as they can be sent: a file that is mounted as one often ends in a line break."""

from collections.abc import Mapping

from assets.shared.failures import InputRefused


def given(environment: Mapping[str, str], name: str) -> str | None:
    """The variable without white space at its ends; None where it is blank.

    Raises InputRefused, without the value, for characters that no header or address has.
    """
    value = environment.get(name, "").strip()
    if not (value.isascii() and value.isprintable()):
        raise InputRefused(f"{name}: has characters that cannot be sent; only printable ASCII can")
    return value or None

"""Salesforce's credentials: client credentials or a JWT, and the one host that a token may go to. Never shown.

The token endpoint names the org's own address. It is taken only if it is https and of the login host's family (the same
registered
domain), unless both are this machine.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import jwt

from assets.shared.failures import InputRefused
from assets.shared.http import Http
from assets.shared.http_failures import CallRefused
from assets.shared.http_hosts import check_origin, is_loopback, origin_of
from assets.shared.http_secrets import given

DEFAULT_URL = "https://login.salesforce.com"
_JWT_SECONDS = 180  # an assertion may be valid for three minutes at most


@dataclass(frozen=True)
class SalesforceSecrets:
    """`SALESFORCE_CLIENT_ID` with `SALESFORCE_CLIENT_SECRET`, or with `SALESFORCE_USERNAME` and `SALESFORCE_PRIVATE_KEY_FILE`."""

    login_url: str
    client_id: str = field(repr=False)
    client_secret: str | None = field(default=None, repr=False)
    username: str | None = field(default=None, repr=False)
    private_key_file: str | None = field(default=None, repr=False)
    api_version: str | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "SalesforceSecrets":
        """Raises InputRefused, naming the variables, where neither way is complete, or one cannot be sent."""
        found = cls(
            (given(environment, "SALESFORCE_LOGIN_URL") or DEFAULT_URL).rstrip("/"),
            given(environment, "SALESFORCE_CLIENT_ID") or "",
            given(environment, "SALESFORCE_CLIENT_SECRET"),
            given(environment, "SALESFORCE_USERNAME"),
            environment.get("SALESFORCE_PRIVATE_KEY_FILE", "").strip() or None,
            given(environment, "SALESFORCE_API_VERSION"),
        )
        if not found.client_id or not (found.client_secret or (found.username and found.private_key_file)):
            raise InputRefused(
                "sources.salesforce.kind: api needs SALESFORCE_CLIENT_ID in the environment with SALESFORCE_CLIENT_SECRET, or "
                "with SALESFORCE_USERNAME and SALESFORCE_PRIVATE_KEY_FILE"
            )
        return found


class SalesforceTokens:
    """Session tokens; there is no refresh token in either way, an expired session is simply asked for again."""

    def __init__(self, secrets: SalesforceSecrets) -> None:
        self._secrets = secrets
        self._home: str | None = None

    async def token(self, http: Http, stale: str | None) -> str:
        """Sign in, and point the connection at the org's own host. Raises CallRefused for an address that is not the org's."""
        secrets = self._secrets
        check_origin("salesforce", secrets.login_url)
        if secrets.client_secret:
            form = {
                "grant_type": "client_credentials",
                "client_id": secrets.client_id,
                "client_secret": secrets.client_secret,
            }
        else:
            form = {
                "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "assertion": await self._assertion(http),
            }
        url = f"{secrets.login_url}/services/oauth2/token"
        try:
            said = await http.document("POST", url, "access_token", form=form, kind="token", signed=False)
        except CallRefused as refused:
            raise CallRefused(
                f"salesforce: sign-in was refused ({refused.code or refused.status})", 401, refused.code
            ) from None
        home = str(said.get("instance_url") or "").rstrip("/")
        if not is_of_family(secrets.login_url, home):
            raise CallRefused(
                "salesforce: the token endpoint names a host outside the login host's family; no token is sent there"
            )
        if self._home is not None and origin_of(home) != origin_of(self._home):
            raise CallRefused("salesforce: the org has moved to another host while it was read; run again")
        self._home = http.origin = home
        return str(said["access_token"])

    async def _assertion(self, http: Http) -> str:
        secrets = self._secrets
        try:
            key = Path(secrets.private_key_file or "").read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            raise InputRefused("SALESFORCE_PRIVATE_KEY_FILE: cannot be read") from None
        with suppress(CallRefused):  # only the server's clock is wanted
            await http.call("GET", f"{secrets.login_url}/services/data/", signed=False)
        claims = {
            "iss": secrets.client_id,
            "sub": secrets.username,
            "aud": secrets.login_url,
            "exp": int(http.clock.latest or 0) + _JWT_SECONDS,
        }
        try:
            return jwt.encode(claims, key, algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError):
            raise InputRefused("SALESFORCE_PRIVATE_KEY_FILE: is not an RSA private key in PEM form") from None


def is_of_family(login: str, home: str) -> bool:
    """Whether the org's address may have what the login host gave: https and one registered domain, or this machine twice."""
    if is_loopback(login) and is_loopback(home):
        return True
    scheme, host, _ = origin_of(home)
    _, login_host, _ = origin_of(login)
    return scheme == "https" and host.count(".") >= 2 and host.split(".")[-2:] == login_host.split(".")[-2:]

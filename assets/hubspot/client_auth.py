"""HubSpot's credentials: a service key, or OAuth with a refresh token. Read from the environment's mapping, never shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from assets.hubspot.client_paths import path
from assets.shared.failures import InputRefused
from assets.shared.http import Http
from assets.shared.http_failures import CallRefused
from assets.shared.http_secrets import given

DEFAULT_URL = "https://api.hubapi.com"


@dataclass(frozen=True)
class HubspotSecrets:
    """`HUBSPOT_ACCESS_TOKEN`, or `HUBSPOT_CLIENT_ID`, `_CLIENT_SECRET` and `_REFRESH_TOKEN`."""

    base_url: str
    access_token: str | None = field(default=None, repr=False)
    client_id: str | None = field(default=None, repr=False)
    client_secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "HubspotSecrets":
        """Raises InputRefused, naming the variables, where neither way is complete, or one cannot be sent."""
        found = cls(
            (given(environment, "HUBSPOT_BASE_URL") or DEFAULT_URL).rstrip("/"),
            given(environment, "HUBSPOT_ACCESS_TOKEN"),
            given(environment, "HUBSPOT_CLIENT_ID"),
            given(environment, "HUBSPOT_CLIENT_SECRET"),
            given(environment, "HUBSPOT_REFRESH_TOKEN"),
        )
        if not found.access_token and not (found.client_id and found.client_secret and found.refresh_token):
            raise InputRefused(
                "sources.hubspot.kind: api needs HUBSPOT_ACCESS_TOKEN in the environment, or HUBSPOT_CLIENT_ID, "
                "HUBSPOT_CLIENT_SECRET and HUBSPOT_REFRESH_TOKEN"
            )
        return found


class HubspotTokens:
    """A fixed key, or access tokens of half an hour each."""

    def __init__(self, secrets: HubspotSecrets) -> None:
        self._secrets = secrets
        self._refresh = secrets.refresh_token or ""

    async def token(self, http: Http, stale: str | None) -> str:
        """A token. Raises CallRefused where HubSpot takes neither the key nor the refresh token."""
        secrets = self._secrets
        if secrets.access_token:
            if stale == secrets.access_token:
                raise CallRefused(
                    "hubspot: HUBSPOT_ACCESS_TOKEN is not accepted (expired, revoked or for another portal)", 401
                )
            return secrets.access_token
        form = {
            "grant_type": "refresh_token",
            "client_id": secrets.client_id or "",
            "client_secret": secrets.client_secret or "",
            "refresh_token": self._refresh,
        }
        url = path("oauth", "token")
        try:
            said = await http.document("POST", url, "access_token", form=form, kind="token", signed=False)
        except CallRefused as refused:
            if refused.status not in (400, 401, 403):
                raise
            names = "HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET and HUBSPOT_REFRESH_TOKEN"
            raise CallRefused(f"hubspot: {names} are not accepted (status {refused.status})", 401) from None
        self._refresh = str(said.get("refresh_token") or self._refresh)  # one that was used may be good no more
        return str(said["access_token"])

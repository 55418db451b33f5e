"""Where HubSpot's resources are: one version, one place."""

API_VERSION = "2026-09"
PLURAL = {"contact": "contacts", "company": "companies", "deal": "deals"}
_AREAS = {"campaigns": "marketing/campaigns", "account": "account-info", "oauth": "oauth"}


def path(area: str, *parts: str) -> str:
    """Path of a resource: `path("objects", "contacts", "search")` is `/crm/objects/2026-09/contacts/search`."""
    return "/" + "/".join((_AREAS.get(area, f"crm/{area}"), API_VERSION, *parts))

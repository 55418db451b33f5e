"""Marketing status of the contacts that are created: the toggles of section 1.3 and the box of an import."""

from datetime import datetime

from schemas.config_output import HubSpotImport, Marketing, MarketingApp


def toggle_of(marketing: Marketing, app: MarketingApp) -> datetime | None:
    """When the toggle that holds for the app was turned on; None is off. All apps with an API key share one (P1-34)."""
    if app.auth == "oauth":
        return app.enabled_at
    times = [other.enabled_at for other in marketing.apps if other.auth == "api_key" and other.enabled_at is not None]
    return min(times, default=None)


def created_as_marketing(marketing: Marketing, app_name: str, created_at: datetime) -> bool:
    """Whether a contact that the app creates at that time becomes a marketing contact (P1-33 to P1-38, X4).

    `created_at` is HubSpot's createdate (P2-A8), not Salesforce's; a contact created tonight is created at `as_of`.
    """
    if not marketing.can_set_status:
        return False
    for app in marketing.apps:
        if app.name == app_name and app.creates_contacts:
            turned_on = toggle_of(marketing, app)
            return turned_on is not None and created_at > turned_on
    return False


def box_ticked(settings: HubSpotImport, marketing: Marketing) -> bool:
    """Whether imports set the contacts in them, new and existing, as marketing contacts (P1-33, P1-71, P2-A1)."""
    return settings.marketing and marketing.can_set_status

"""Every asset key of the project. A key is also the table's folder in the lake and, with `__` for `/`, its SQL name."""

from schemas.tables import KEYS

HUBSPOT_ENTITIES = (
    "contact",
    "company",
    "deal",
    "owner",
    "list",
    "list_membership",
    "property",
    "contact_company",
    "account",
)
SALESFORCE_ENTITIES = (
    "lead",
    "contact",
    "account",
    "user",
    "campaign",
    "campaign_member",
    "opportunity",
    "opportunity_contact_role",
    "field",
)
ENTITIES = {"hubspot": HUBSPOT_ENTITIES, "salesforce": SALESFORCE_ENTITIES}

# What identifies a record of an entity; everything not named here has the CRM's own id column.
ID_COLUMNS: dict[tuple[str, str], tuple[str, ...]] = {
    ("hubspot", "owner"): ("id",),
    ("hubspot", "account"): ("portalId",),
    ("hubspot", "list"): ("listId",),
    ("hubspot", "list_membership"): ("listId", "recordId"),
    ("hubspot", "property"): ("object", "name"),
    ("hubspot", "contact_company"): ("contact_id", "company_id", "label"),
    ("salesforce", "field"): ("object", "name"),
}

LINK = "core/identity/link"
MATCH_KEY = "core/identity/key"
IDENTITY_VERSIONS = tuple(key for key in KEYS if key.startswith("core/identity/"))
MEMBERSHIP = "core/segment/membership"
DEFINITION = "core/segment/definition"
DECISION = "core/sync/decision"
CHANGE = "core/sync/change"
LIFECYCLE_REQUEST = "core/sync/lifecycle_request"
LEDGER = "core/sync/ledger"
LEDGER_FIELD = "core/sync/ledger_field"
DELTA_HUBSPOT = "out/delta/hubspot"
DELTA_SALESFORCE = "out/delta/salesforce"
IMPORT_HUBSPOT = "out/import/hubspot"
IMPORT_SALESFORCE = "out/import/salesforce"


def raw(crm: str, entity: str) -> str:
    """Key of the records as delivered."""
    return f"raw/{crm}/{entity}"


def staged(crm: str, entity: str) -> str:
    """Key of the typed versions."""
    return f"staged/{crm}/{entity}"


def rejected(crm: str, entity: str) -> str:
    """Key of the records that broke their contract."""
    return f"rejected/{crm}/{entity}"


def relation(key: str) -> str:
    """SQL name of a key."""
    return key.replace("/", "__")


def id_columns(crm: str, entity: str) -> tuple[str, ...]:
    """Columns that identify one record of an entity."""
    return ID_COLUMNS.get((crm, entity), ("hs_object_id",) if crm == "hubspot" else ("Id",))


def state_key(key: str) -> tuple[str, ...] | None:
    """Columns that identify a row whose newest version is the state; None for tables read a night at a time."""
    layer, *rest = key.split("/")
    if layer == "staged":
        return id_columns(rest[0], rest[1])
    return tuple(KEYS[key]) if key in KEYS else None

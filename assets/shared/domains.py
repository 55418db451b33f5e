"""Web domains: the one form that all ways of writing one share, as HubSpot's own imports read them."""

import pyarrow as pa
import pyarrow.compute as pc

from assets.shared.sql import Session

COMPANY_DOMAIN = pa.schema([("hs_object_id", pa.string()), ("domain", pa.string())])


def domain_key(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """What two ways of writing one domain have in common: no scheme, no `www.`, no path, small letters."""
    host = pc.replace_substring_regex(pc.utf8_lower(pc.utf8_trim_whitespace(values)), r"^https?://", "")
    return pc.replace_substring_regex(pc.replace_substring_regex(host, r"^www\.", ""), r"\.?(?::\d+)?(?:[/?#].*)?$", "")


def register_domains(session: Session) -> None:
    """Register `company_domain`: hs_object_id and domain, in its one form, of each company that has one. Grain: hs_object_id.

    Needs the relation `staged__hubspot__company` with op, hs_object_id and domain.
    """
    found = session.con.sql(
        "SELECT hs_object_id, domain FROM staged__hubspot__company WHERE op = 'upsert' AND trim(domain) <> ''"
    ).to_arrow_table()
    session.register("company_domain", found.set_column(1, "domain", domain_key(found["domain"])).cast(COMPANY_DOMAIN))

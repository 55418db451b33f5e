"""The staged columns that this stage reads, with the types they have where a portal does not deliver them."""

from assets.shared.sql import Session

_TEXT, _TIME, _BOOL = "VARCHAR", "TIMESTAMPTZ", "BOOLEAN"


def _columns(texts: str, times: str = "", flags: str = "") -> dict[str, str]:
    kinds = ((texts, _TEXT), (times, _TIME), (flags, _BOOL))
    return {name: kind for names, kind in kinds for name in names.split()}


_SALESFORCE = "op merged_into Id", "CreatedDate LastModifiedDate SystemModstamp"
COLUMNS = {
    "staged/hubspot/contact": _columns(
        "op merged_into hs_object_id email hs_additional_emails firstname lastname phone mobilephone jobtitle company website "
        "address city state zip country salesforcecontactid salesforceleadid",
        "createdate lastmodifieddate",
    ),
    "staged/hubspot/company": _columns(
        "op merged_into hs_object_id name domain website phone address city state zip country salesforceaccountid",
        "createdate hs_lastmodifieddate",
    ),
    "staged/salesforce/lead": _columns(
        f"{_SALESFORCE[0]} FirstName LastName Email Phone MobilePhone Title Company Street City State PostalCode Country Website "
        "ConvertedContactId",
        _SALESFORCE[1],
        "IsConverted",
    ),
    "staged/salesforce/contact": _columns(
        f"{_SALESFORCE[0]} FirstName LastName Email Phone MobilePhone Title AccountId MailingStreet MailingCity MailingState "
        "MailingPostalCode MailingCountry",
        _SALESFORCE[1],
    ),
    "staged/salesforce/account": _columns(
        f"{_SALESFORCE[0]} Name Website Phone BillingStreet BillingCity BillingState BillingPostalCode BillingCountry",
        _SALESFORCE[1],
    ),
}


def use_staged(session: Session) -> None:
    """Make the staged relations of the session's night."""
    for key, columns in COLUMNS.items():
        session.use(key, columns)

"""Broken and awkward records, in small shares: what real exports hold, and what a contract has to catch.

`contract` in place of a rule id: the record cannot be read as its columns' types, or comes twice under one id (rejected, or
the last good version stands). `metadata`: it reads well, but breaks what describe or properties say of length, options, need.
`export` in place of one: awkward but valid, and must come through unharmed.
"""

from tests.bench.portal.story import Story

# A story reads as a row of a table.
# fmt: off
_BAD_EMAILS = ("n/a", "kari@@nordwind.example", "ola nordmann.example", "anna@")
_BAD_DATES = ("2026-13-45", "31.02.2026", "soon")

_HUBSPOT = (
    Story("hubspot_bad_email", "hubspot_only", "contract", "no e-mail address in the e-mail field",
          base={"hs": {"text": {"email": _BAD_EMAILS}}}, nights=(1,), least=4),
    Story("hubspot_bad_date", "hubspot_only", "contract", "no date in a date property; mended on the next night",
          base={"hs": {"text": {"contract_end__hs": _BAD_DATES}}}, after={"hs": {"text": {"contract_end__hs": None}}},
          nights=(1,), least=3),
    Story("hubspot_bad_number", "hubspot_only", "contract", "words in a number property",
          base={"hs": {"text": {"hubspotscore": ("twelve", "12 or 13")}}}, nights=(1,), least=3),
    Story("hubspot_unknown_option", "hubspot_only", "metadata", "a rating that is none of the options",
          base={"hs": {"text": {"rating": "Lukewarm"}}}, nights=(1,), least=3),
    Story("hubspot_breaks_tonight", "pair", "contract", "a good record whose e-mail breaks",
          event={"hs": {"text": {"email": _BAD_EMAILS}}}, least=4),
    Story("hubspot_row_twice", "hubspot_only", "contract", "the same row twice",
          base={"hs": {"repeat": "identical"}}, nights=(1,), least=4),
    Story("hubspot_rows_differ", "pair", "contract", "two versions of one record, the newer wins",
          base={"hs": {"repeat": "newer"}}, nights=(1,), least=4),
    Story("hubspot_rows_tied", "pair", "contract", "two versions of one record with one stamp",
          base={"hs": {"repeat": "tied"}}, nights=(1,), least=3),
    Story("hubspot_quotes_and_newlines", "pair", "export", "quotes, commas and line ends inside a cell",
          base={"hs": {"text": {"address": ('Building "B", 2nd floor\nRear entrance', 'c/o Berg;\r\nPO Box 12, "North"')}}},
          nights=(1,)),
    Story("hubspot_nul", "hubspot_only", "export", "a NUL byte inside a cell",
          base={"hs": {"text": {"description": "Imported from the old system\x00, see archive"}}}, nights=(1,),
          least=3),
)

_SALESFORCE = (
    Story("salesforce_bad_email", "salesforce_only", "contract", "no e-mail address in the e-mail field",
          base={"sf": {"text": {"Email": _BAD_EMAILS}}}, nights=(1,), least=4),
    Story("salesforce_bad_date", "salesforce_only", "contract", "no date in a date field; mended on the next night",
          base={"sf": {"text": {"Contract_End__c": _BAD_DATES}}}, after={"sf": {"text": {"Contract_End__c": None}}},
          nights=(1,), least=4),
    Story("salesforce_bad_boolean", "salesforce_only", "contract", "neither true nor false",
          base={"sf": {"text": {"Newsletter__c": "perhaps"}}}, nights=(1,), least=4),
    Story("salesforce_bad_number", "salesforce_only", "contract", "words in a number field",
          base={"sf": {"text": {"Fit_Score__c": "n.a."}}}, nights=(1,), least=4),
    Story("salesforce_unknown_option", "salesforce_only", "metadata", "a region outside the restricted list",
          base={"sf": {"text": {"Region__c": "Atlantis"}}}, nights=(1,), least=4),
    Story("salesforce_long_name", "salesforce_only", "metadata", "last name longer than the field",
          base={"sf": {"text": {"LastName": "Wolfeschlegelstein" * 5}}}, nights=(1,), least=4),
    Story("salesforce_without_last_name", "salesforce_only", "metadata", "required last name missing",
          base={"sf": {"last": -1}}, nights=(1,), least=4),
    Story("salesforce_bad_id", "salesforce_only", "contract", "an id of a wrong length",
          base={"sf": {"text": {"Id": "@short"}}}, nights=(1,), least=4),
    Story("salesforce_bad_checksum", "salesforce_only", "metadata", "an id whose last three characters do not fit",
          base={"sf": {"text": {"Id": "@checksum"}}}, nights=(1,), least=2),
    Story("salesforce_breaks_tonight", "pair", "contract", "a good record whose e-mail breaks",
          event={"sf": {"text": {"Email": _BAD_EMAILS}}}, least=4),
    Story("salesforce_row_twice", "salesforce_only", "contract", "the same row twice",
          base={"sf": {"repeat": "identical"}}, nights=(1,), least=4),
    Story("salesforce_rows_differ", "pair", "contract", "two versions of one record, the newer wins",
          base={"sf": {"repeat": "newer"}}, nights=(1,), least=4),
    Story("salesforce_rows_tied", "pair", "contract", "two versions of one record with one stamp",
          base={"sf": {"repeat": "tied"}}, nights=(1,), least=4),
    Story("salesforce_number_as_text", "lead_pair", "export", "numbers written with exponents and leading zeros",
          base={"sf": {"text": {"Fit_Score__c": ("7.50E1", "075.5")}}}, nights=(1,), least=3),
    Story("salesforce_quotes_and_newlines", "pair", "export", "quotes, commas and line ends inside a cell",
          base={"both": {"description": -1}, "sf": {"text": {"Description": 'Said: "call me",\nthen hung up;\r\n\ttwice'}}},
          nights=(1,)),
    Story("salesforce_nul", "salesforce_only", "export", "a NUL byte inside a cell",
          base={"sf": {"text": {"Description": "Pasted from a terminal\x00, mind the gap"}}}, nights=(1,), least=4),
)

STORIES = (*_HUBSPOT, *_SALESFORCE)

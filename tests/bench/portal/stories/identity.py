"""Who is whom: several Salesforce records of one person, ids, secondary e-mails, conversions, merges (2.2)."""

from tests.bench.portal.story import OPPORTUNITY, Story

# A story reads as a row of a table.
# fmt: off
_TWIN_LEAD = {"exists": 1, "kind": 0}
_TWIN_CONTACT = {"exists": 1, "kind": 1}

STORIES = (
    Story("lead_and_contact_first_link", "lead_pair", "P2-21 P2-22 X1", "an older lead and a newer contact, no stored id",
          base={"hs": {"stored": 0}, "sf2": _TWIN_CONTACT}, nights=(1,)),
    Story("two_leads_first_link", "lead_pair", "P2-21 P2-22 X1", "two leads of one e-mail, no stored id",
          base={"hs": {"stored": 0}, "sf2": _TWIN_LEAD}, nights=(1,)),
    Story("link_moves", "lead_pair", "P2-23", "linked to a lead; the contact of the same e-mail is edited",
          base={"sf2": _TWIN_CONTACT}, event={"sf2": {"phone": 1}}),
    Story("link_tie", "contact_pair", "P2-24 X2", "two records of one e-mail, modified in the same second",
          base={"sf2": {**_TWIN_LEAD, "tie": True}}, nights=(1,)),
    Story("new_twin", "contact_pair", "P2-23 P2-21", "a second record is made for a linked person",
          event={"sf2": {"new": True, "kind": 0, "phone": 1}}),
    Story("two_new_leads", "nobody_lead", "P2-21 P2-82", "two new leads of one e-mail, unknown to HubSpot",
          event={"sf": {"new": True}, "sf2": {"new": True, "kind": 0, "delay": 5400}}),
    Story("secondary_email", "contact_pair", "P2-27", "a second Salesforce record has the secondary HubSpot e-mail",
          base={"hs": {"extra": 1}, "sf2": {**_TWIN_CONTACT, "email": 1}},
          event={"sf": {"phone": 1}, "sf2": {"phone": 2}}),
    Story("email_case_and_space", "pair", "P2-28", "e-mails differ in case and blanks only; no stored id",
          base={"hs": {"stored": 0, "text": {"email": "@upper"}}, "sf": {"text": {"Email": "@space"}}}, nights=(1,)),
    Story("plus_tag", "lead_pair", "P2-28", "a lead with a tagged address is another person",
          base={"sf2": {**_TWIN_LEAD, "text": {"Email": "@plus"}}}, nights=(1,)),
    Story("short_ids", "pair", "P2-29 P2-26", "stored link ids of 15 characters",
          base={"hs": {"stored": 2}}, nights=(1,), least=20, share=0.004),
    Story("id_outlives_email", "pair", "P2-2C P2-35", "stored id names a record whose e-mail is another",
          base={"sf": {"email": 2}}, nights=(1,)),
    Story("same_name", "lead_pair", "P2-20", "a lead of the same name and company but another e-mail",
          base={"sf2": {**_TWIN_LEAD, "email": 1}}, nights=(1,)),
    Story("converted", "lead_pair", "P2-2C P2-57 P2-67", "lead converted to a contact with an opportunity",
          event={"sf": {"converted": 1, "opportunity": OPPORTUNITY["open_role"]}, "sf2": {"new": True, "kind": 1}}),
    Story("converted_other_email", "lead_pair", "P2-2C", "lead converted to a contact that has another e-mail",
          event={"sf": {"converted": 1}, "sf2": {"new": True, "kind": 1, "email": 1}}),
    Story("converted_long_ago", "lead_pair", "P2-2C P2-25", "lead converted before the start, contact linked",
          base={"sf": {"converted": 1}, "sf2": _TWIN_CONTACT, "hs": {"slot": 1}}, nights=(1,), least=20, share=0.01),
    Story("merged_into_linked", "lead_pair", "P2-46 P2-2A P2-2B", "a twin was merged into the linked lead",
          base={"sf2": _TWIN_LEAD}, event={"sf2": {"deleted": 1, "master": 0}}),
    Story("linked_was_merged_away", "lead_pair", "P2-46 P2-2A P2-2B", "the linked lead was merged into its twin",
          base={"sf2": _TWIN_LEAD}, event={"sf": {"deleted": 1, "master": 1}}),
    Story("merged_in_hubspot", "contact_pair", "P2-2A P2-27", "two HubSpot contacts merged; both had Salesforce records",
          base={"hs2": {"exists": 1, "email": 2, "stored": 1, "slot": 1}, "sf2": {**_TWIN_CONTACT, "email": 2}},
          event={"hs2": {"exists": 0}, "hs": {"merged": 1, "extra": 2}}),
)

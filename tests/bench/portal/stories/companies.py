"""Companies and accounts: matched by id and by shared people, never by domain (2.6, P2-54)."""

from tests.bench.portal.story import STAFF, STAGE, Story

# A story reads as a row of a table.
# fmt: off
STORIES = (
    Story("account_matched_by_people", "firm_pair", "P2-51", "no stored id; the people are linked",
          base={"hs": {"stored": 0}}, nights=(1,), share=0.05),
    Story("account_same_domain_only", "firm_pair", "P2-51", "same domain, no stored id, no shared people: no match",
          base={"hs": {"stored": 0}, "both": {"apart": 1}}, nights=(1,)),
    Story("account_short_id", "firm_pair", "P2-29 P2-51", "stored account id of 15 characters",
          base={"hs": {"stored": 2}}, nights=(1,)),
    Story("account_changed", "firm_pair", "P2-50", "account edited", event={"sf": {"phone": 1, "city": 1}}),
    Story("company_changed", "firm_pair", "P2-50", "HubSpot company edited", event={"hs": {"phone": 1}}),
    Story("account_renamed", "firm_pair", "P2-50", "account renamed", event={"sf": {"company": 1}}),
    Story("account_new", "firm_nobody", "P2-50", "new account, unknown to HubSpot", event={"sf": {"new": True}}),
    Story("account_existing_changed", "firm_account", "P2-50", "account without a company, edited",
          event={"sf": {"phone": 1}}),
    Story("company_new", "firm_nobody", "P2-52", "new HubSpot company", event={"hs": {"new": True, "stored": 0}}),
    Story("account_deleted", "firm_pair", "P2-50", "account deleted in Salesforce", event={"sf": {"deleted": 1}}),
    Story("account_merged", "firm_pair", "P2-46", "a twin account was merged into the linked one",
          base={"sf2": {"exists": 1}}, event={"sf2": {"deleted": 1, "master": 0}}),
    Story("company_deleted", "firm_pair", "P2-45", "no longer delivered by HubSpot", event={"hs": {"exists": 0}}),
    Story("company_stage_moved", "firm_pair", "P2-54 P2-66", "company stage moved forward in HubSpot",
          base={"hs": {"stage": STAGE["lead"]}}, event={"hs": {"stage": STAGE["customer"]}}),
    Story("company_without_people", "firm_hubspot", "P2-52", "nobody is associated with it: no account",
          base={"hs": {"apart": 1}}, nights=(1,)),
    Story("company_of_leads", "firm_hubspot", "P2-52 P2-53", "its people sync with Salesforce leads: no account",
          base={"hs": {"staff": STAFF["leads"]}}, nights=(1,)),
    Story("company_outside_segment", "firm_hubspot", "P2-52", "none of its people is in the segment: no account",
          base={"hs": {"staff": STAFF["outside"]}}, nights=(1,)),
)

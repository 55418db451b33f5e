"""Changes of fields between linked records: update rules, owners, opt-outs, campaigns (P1-22, P1-23, P1-27, 2.3)."""

from tests.bench.portal.story import INACTIVE, QUEUE, REGION, WEBINAR, WITHOUT_USER, Story

# A story reads as a row of a table.
# fmt: off
_VALUES = (
    Story("salesforce_changed", "pair", "P2-30 P2-11 D9", "phone and address edited in Salesforce only",
          event={"sf": {"phone": 1, "city": 1, "zip": 1}}, least=10),
    Story("hubspot_changed_prefer_salesforce", "pair", "P2-30", "phone edited in HubSpot only, Salesforce has one",
          event={"hs": {"phone": 1}}),
    Story("hubspot_changed_two_way", "pair", "P2-30 P2-11", "job title edited in HubSpot only",
          event={"hs": {"title": 1}}, least=10),
    Story("salesforce_changed_two_way", "pair", "P2-30", "title edited in Salesforce only", event={"sf": {"title": 1}}),
    Story("both_changed_salesforce_newer", "pair", "P2-30", "title edited on both sides, Salesforce an hour later",
          event={"hs": {"title": 1}, "sf": {"title": 2, "delay": 3600}}),
    Story("both_changed_hubspot_newer", "pair", "P2-30", "title edited on both sides, HubSpot an hour later",
          event={"hs": {"title": 1, "delay": 3600}, "sf": {"title": 2}}),
    Story("both_changed_same_time", "pair", "P2-30 X6", "title edited on both sides in the same second",
          event={"hs": {"title": 1}, "sf": {"title": 2}}),
    Story("both_changed_prefer_salesforce", "pair", "P2-30", "phone edited on both sides, HubSpot last",
          event={"hs": {"phone": 1, "delay": 3600}, "sf": {"phone": 2}}),
    Story("both_changed_alike", "pair", "P2-3A", "the same new phone typed in on both sides",
          event={"hs": {"phone": 1}, "sf": {"phone": 1, "delay": 600}}),
    Story("cleared_in_salesforce", "pair", "P2-30", "phone cleared in Salesforce after both had it",
          event={"sf": {"phone": -1}}),
    Story("cleared_in_salesforce_two_way", "pair", "P2-30", "title cleared in Salesforce", event={"sf": {"title": -1}}),
    Story("cleared_in_hubspot_two_way", "pair", "P2-30 P2-B1", "job title cleared in HubSpot",
          event={"hs": {"title": -1}}),
    Story("cleared_in_hubspot_prefer_salesforce", "pair", "P2-30", "phone cleared in HubSpot, Salesforce keeps it",
          event={"hs": {"phone": -1}}),
    Story("hubspot_fills_blank", "pair", "P2-30", "fax never known to Salesforce, entered in HubSpot",
          base={"both": {"fax": -1}}, event={"hs": {"fax": 0}}),
    Story("salesforce_fills_blank", "pair", "P2-30", "fax known to nobody, entered in Salesforce",
          base={"both": {"fax": -1}}, event={"sf": {"fax": 0}}),
    Story("region_in_hubspot", "pair", "P1-22 P2-30 P2-33", "the custom region edited in HubSpot, leads and contacts",
          base={"both": {"region": REGION["NORDICS"]}}, event={"hs": {"region": REGION["DACH"]}}),
    Story("region_in_salesforce", "pair", "P1-22 P2-30", "the custom region edited in Salesforce",
          base={"both": {"region": REGION["BENELUX"]}}, event={"sf": {"region": REGION["DACH"]}}),
    Story("region_unknown_to_salesforce", "pair", "P2-33 P2-C1 P2-C2", "a region that Salesforce's restricted list lacks",
          base={"both": {"region": REGION["NORDICS"]}}, event={"hs": {"region": REGION["GLOBAL"]}}),
    Story("source_unknown_to_salesforce", "pair", "P2-33 P2-C1", "lead source Webinar exists in HubSpot only",
          base={"both": {"source": -1}}, event={"hs": {"source": WEBINAR}}),
    Story("title_too_long_for_salesforce", "pair", "P2-BB P2-C1", "a job title of more than 128 characters",
          event={"hs": {"text": {"jobtitle": "Head of " + "Everything, " * 12 + "and More"}}}),
    Story("literal_not_available", "pair", "P2-B1", "a description that is the text #N/A",
          base={"both": {"description": -1}}, event={"hs": {"text": {"description": "#N/A"}}}),
    Story("revenue_in_words", "lead_pair", "P1-27", "annual revenue typed as words in HubSpot, blank in Salesforce",
          base={"both": {"revenue": -1}},
          event={"hs": {"text": {"annualrevenue": ("about two million", "2-3 MNOK")}}}),
    Story("employees_within_range", "lead_pair", "P1-27 P2-3A", "head count moves inside HubSpot's range",
          event={"sf": {"employees": 0, "text": {"NumberOfEmployees": "@next"}}}),
    Story("employees_other_range", "lead_pair", "P1-27", "head count moves to another range",
          event={"sf": {"employees": 3}}),
    Story("equal_after_normalising", "pair", "P2-3A", "trailing spaces and number formats differ, values do not",
          base={"hs": {"text": {"city": "@trail"}}, "sf": {"text": {"AnnualRevenue": "@decimals"}}}, nights=(1,)),
)

_UNMAPPED = (
    Story("unmapped_in_hubspot", "pair", "P2-13", "mobile phone, not mapped, edited in HubSpot",
          event={"hs": {"mobile": 1}}),
    Story("unmapped_in_salesforce", "pair", "P2-13", "newsletter box, not mapped, ticked in Salesforce",
          base={"sf": {"newsletter": 0}}, event={"sf": {"newsletter": 1}}),
    Story("formula_moved", "pair", "P2-13 P2-39", "a formula field shows another value, the record's stamp stays",
          event={"sf": {"band": 1, "quiet": True}}),
)

_PERSONAL = (
    Story("email_in_hubspot", "pair", "P2-35 P2-25", "e-mail edited in HubSpot, the stored id keeps the link",
          event={"hs": {"email": 1}}),
    Story("email_in_salesforce", "pair", "P2-35 P2-30", "e-mail edited in Salesforce", event={"sf": {"email": 1}}),
    Story("owner_in_hubspot", "pair", "P2-36 P2-11", "another active owner in HubSpot", event={"hs": {"owner": 1}}),
    Story("owner_in_salesforce", "pair", "P2-36 P2-11", "another active owner in Salesforce", event={"sf": {"owner": 1}}),
    Story("owner_is_queue", "lead_pair", "P2-36 P2-BC", "lead handed to a queue", event={"sf": {"owner": QUEUE}}),
    Story("owner_inactive", "pair", "P2-36 P2-BC", "HubSpot owner whose Salesforce user is inactive",
          event={"hs": {"owner": INACTIVE}}),
    Story("owner_without_user", "pair", "P2-36", "HubSpot owner who has no Salesforce user",
          event={"hs": {"owner": WITHOUT_USER}}),
    Story("optout_in_hubspot", "pair", "P2-38", "unsubscribed in HubSpot", event={"hs": {"optout": 1}}),
    Story("optout_in_salesforce", "pair", "P2-38", "opt-out ticked in Salesforce", event={"sf": {"optout": 1}}),
    Story("optout_unticked_in_salesforce", "pair", "P2-38 X12", "opted out on both sides, unticked in Salesforce",
          base={"both": {"optout": 1}}, event={"sf": {"optout": 0}}),
    Story("optout_unticked_in_hubspot", "pair", "P2-38", "opted out on both sides, resubscribed in HubSpot",
          base={"both": {"optout": 1}}, event={"hs": {"optout": 0}}),
)

_CAMPAIGNS = (
    Story("campaign_joined", "pair", "P1-23 P2-56", "new campaign member, nothing else",
          base={"both": {"campaigns": 1}}, event={"sf": {"campaigns": 2, "quiet": True}}),
    Story("campaign_joined_and_changed", "pair", "P1-23 P2-56 P2-11", "new campaign member and an edited phone",
          base={"both": {"campaigns": 1}}, event={"sf": {"campaigns": 2, "phone": 1}}),
    Story("campaign_left", "pair", "P2-13 P2-56", "campaign member removed: no trigger",
          base={"both": {"campaigns": 2}}, event={"sf": {"campaigns": 1, "quiet": True}}),
)

_OVER_TIME = (
    Story("delta_applied", "pair", "P2-17", "Salesforce changed, and a night later HubSpot has the value",
          event={"sf": {"phone": 1}}, after={"hs": {"phone": 1}}, nights=(2,)),
    Story("delta_rewritten", "pair", "P2-17", "Salesforce changed, and HubSpot then shows neither old nor new value",
          event={"sf": {"phone": 1}}, after={"hs": {"phone": 3}}, nights=(2,)),
    Story("change_undone", "pair", "P2-3A", "job title edited in HubSpot and put back a night later",
          event={"hs": {"title": 1}}, after={"hs": {"title": 0}}, nights=(2,)),
    Story("changed_again", "pair", "P2-30", "Salesforce changed on two nights running, nobody applied the first",
          event={"sf": {"phone": 1}}, after={"sf": {"phone": 2}}, nights=(2,)),
    Story("edited_after_midnight", "pair", "P2-10", "edited after the night's end but before the export",
          event={"sf": {"phone": 1, "late": True}}, nights=(2,)),
    Story("import_refused", "pair", "P2-B9 P2-C1", "title edited in HubSpot; Salesforce refused our import of it",
          event={"hs": {"title": 1}}, nights=(2,)),
    Story("import_succeeded", "pair", "P2-B9 P2-17", "title edited in HubSpot; Salesforce took our import of it",
          event={"hs": {"title": 1}}, after={"sf": {"title": 1}}, nights=(2,)),
)

STORIES = (*_VALUES, *_UNMAPPED, *_PERSONAL, *_CAMPAIGNS, *_OVER_TIME)

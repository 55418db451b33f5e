"""Lifecycle stages, opportunities and marketing status (1.3, 1.5, 2.6, 2.7, 2.11)."""

from tests.bench.portal.story import OPPORTUNITY, STAGE, Story

# A story reads as a row of a table.
# fmt: off
_PROSPECT = {"stage": STAGE["salesqualifiedlead"]}

STORIES = (
    Story("customer_on_lead", "lead_pair", "P2-2D P2-03", "stage Customer on a person whose Salesforce record is a lead",
          event={"hs": {"stage": STAGE["customer"], "title": 1}}),
    Story("stage_forward", "pair", "P1-61 P2-60 P2-13", "stage moved forward by hand in HubSpot",
          base={"hs": {"stage": STAGE["lead"]}}, event={"hs": {"stage": STAGE["trial"]}}),
    Story("stage_backward", "contact_pair", "P1-62 P2-62", "stage cleared and set back by hand in HubSpot",
          base={"hs": {"stage": STAGE["customer"]}}, event={"hs": {"stage": STAGE["lead"]}}),
    Story("promoted_by_new_lead", "hubspot_only", "P2-68 P2-65", "a subscriber inside the segment gets a Salesforce lead",
          base={"hs": {"stage": STAGE["subscriber"], "score": 91}, "sf": {"kind": 0}}, event={"sf": {"new": True}}),
    Story("role_on_open_opportunity", "contact_pair", "P2-67", "contact role added to an open opportunity",
          base={"sf": {"opportunity": OPPORTUNITY["open"]}, "hs": _PROSPECT},
          event={"sf": {"opportunity": OPPORTUNITY["open_role"], "quiet": True}}),
    Story("opportunity_won", "contact_pair", "P2-67", "opportunity of a contact role won",
          base={"sf": {"opportunity": OPPORTUNITY["open_role"]}, "hs": {"stage": STAGE["opportunity"]}},
          event={"sf": {"opportunity": OPPORTUNITY["won_role"], "quiet": True}}),
    Story("role_on_won_opportunity", "contact_pair", "P2-67", "contact role added to an opportunity already won",
          base={"sf": {"opportunity": OPPORTUNITY["won"]}, "hs": _PROSPECT},
          event={"sf": {"opportunity": OPPORTUNITY["won_role"], "quiet": True}}),
    Story("opportunity_lost", "contact_pair", "P2-67", "opportunity of a contact role lost",
          base={"sf": {"opportunity": OPPORTUNITY["open_role"]}, "hs": {"stage": STAGE["opportunity"]}},
          event={"sf": {"opportunity": OPPORTUNITY["lost_role"], "quiet": True}}),
    Story("opportunity_won_without_role", "contact_pair", "P2-67", "opportunity won, nobody has a role on it",
          base={"sf": {"opportunity": OPPORTUNITY["open"]}, "hs": _PROSPECT},
          event={"sf": {"opportunity": OPPORTUNITY["won"], "quiet": True}}),
    Story("customer_with_new_role", "contact_pair", "P2-67", "a customer gets a role on a new open opportunity",
          base={"sf": {"opportunity": OPPORTUNITY["open"]}, "hs": {"stage": STAGE["customer"]}},
          event={"sf": {"opportunity": OPPORTUNITY["open_role"], "quiet": True}}),
    Story("update_does_not_promote", "pair", "P1-36", "non-marketing contact updated from Salesforce",
          base={"hs": {"marketing": 0}}, event={"sf": {"phone": 1}}),
    Story("demotion_waits", "pair", "P2-A3", "marketing until the next update date",
          base={"hs": {"marketing": 1, "until": 1}}, nights=(1,)),
    Story("marketing_but_opted_out", "pair", "P2-A7", "marketing contact who has opted out",
          base={"hs": {"marketing": 1}, "both": {"optout": 1}}, nights=(1,)),
)

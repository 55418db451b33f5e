"""Inclusion segment and creation: decision table D1 to D14, who is created where, and who is not (1.1, 1.2, 1.4, 2.1, 2.4)."""

from tests.bench.portal.story import REGION, STAGE, Story

# A story reads as a row of a table.
# fmt: off
_OUT = {"hs": {"stage": STAGE["subscriber"]}}
_NEW_LEAD = {"new": True, "stage": STAGE["lead"], "stored": 0, "status": 0}

_MEMBERSHIP = (
    Story("enters_segment", "pair", "P2-12 D11", "becomes a lead in HubSpot; phones have differed since the start",
          base={**_OUT, "sf": {"phone": 1}}, event={"hs": {"stage": STAGE["lead"]}}, least=8),
    Story("enters_by_score", "pair", "P2-12 D11", "HubSpot score rises over the limit",
          base={**_OUT, "sf": {"phone": 1}}, event={"hs": {"score": 92}}),
    Story("leaves_segment", "pair", "D12 P1-41", "stage set to Other, Salesforce edited the same day",
          event={"hs": {"stage": STAGE["other"]}, "sf": {"phone": 1}}, least=8),
    Story("leaves_by_static_list", "pair", "D12", "put on the list of competitors, Salesforce edited the same day",
          event={"hs": {"competitor": 1, "quiet": True}, "sf": {"phone": 1}}),
    Story("outside_changed_in_hubspot", "pair", "D3 P1-14 P1-41", "job title edited in HubSpot outside the segment",
          event={"hs": {"title": 1}}, segment="out"),
    Story("outside_changed_in_salesforce", "pair", "D8 P1-41", "phone edited in Salesforce outside the segment",
          event={"sf": {"phone": 1}}, segment="out"),
    Story("outside_optout_in_hubspot", "pair", "D13 P2-38", "unsubscribed outside the segment",
          event={"hs": {"optout": 1}}, segment="out"),
    Story("outside_optout_in_salesforce", "pair", "D13 P2-38", "opt-out ticked in Salesforce outside the segment",
          event={"sf": {"optout": 1}}, segment="out"),
    Story("outside_deleted_in_salesforce", "pair", "D14 P2-46", "deleted in Salesforce outside the segment",
          event={"sf": {"deleted": 1}}, segment="out"),
    Story("outside_changed_then_enters", "pair", "D8 D11 P1-45", "edited outside the segment, a night later inside",
          base=_OUT, event={"sf": {"phone": 1}}, after={"hs": {"stage": STAGE["lead"]}}, nights=(2,)),
)

_SALESFORCE_NEW = (
    Story("new_lead", "nobody_lead", "D4 P1-12 P1-16 P1-36 P2-65", "new Salesforce lead, unknown to HubSpot",
          event={"sf": {"new": True}}, least=10),
    Story("new_contact", "nobody_contact", "D4 P1-12 P1-16 P1-36", "new Salesforce contact, unknown to HubSpot",
          event={"sf": {"new": True}}, least=10),
    Story("new_lead_created_in_hubspot", "nobody_lead", "D4 P2-17", "new lead; a night later HubSpot has the contact",
          event={"sf": {"new": True}}, after={"hs": _NEW_LEAD}, nights=(2,)),
    Story("new_outside_then_frozen", "nobody", "D4 P1-44 P1-45",
          "new in a region outside the segment, created in HubSpot, edited again",
          base={"both": {"region": REGION["APAC"]}}, event={"sf": {"new": True}},
          after={"hs": _NEW_LEAD, "sf": {"phone": 1}}, nights=(2,), segment="free"),
    Story("new_for_contact_outside", "hubspot_only", "D5 P1-44 P1-45",
          "new in Salesforce for a HubSpot contact outside the segment; edited again",
          event={"sf": {"new": True, "title": 1}}, after={"sf": {"title": 2}}, nights=(2,), segment="out"),
    Story("new_for_contact_inside", "hubspot_only", "D7 D9 P2-25", "new in Salesforce for a HubSpot contact inside",
          event={"sf": {"new": True, "title": 1}}),
    Story("new_without_email", "nobody", "P2-05 P2-82", "new in Salesforce, without e-mail",
          base={"both": {"email": -1}}, event={"sf": {"new": True}}),
    Story("existing_changed_unknown_to_hubspot", "salesforce_only", "D10 P1-11 P2-02",
          "long in Salesforce only, edited: auto-create is off for existing records",
          event={"sf": {"phone": 1}}),
    Story("new_inside_first_night", "nobody", "D4 P1-11", "made in Salesforce during the very first night",
          event={"sf": {"new": True}}, nights=(1,)),
)

_HUBSPOT_NEW = (
    Story("new_in_hubspot_as_lead", "nobody_lead", "D1 D2 P1-03 P2-01", "new HubSpot contact in a lead stage",
          event={"hs": {"new": True, "stage": STAGE["lead"]}}, least=10),
    Story("new_in_hubspot_as_contact", "nobody_contact", "D1 D2 P1-04 P2-03", "new HubSpot contact in a contact stage",
          event={"hs": {"new": True, "stage": STAGE["customer"]}}),
    Story("new_in_hubspot_stage_not_selected", "nobody_lead", "P1-06", "new, in a stage that neither set holds",
          event={"hs": {"new": True, "stage": STAGE["evangelist"]}}),
    Story("new_in_hubspot_without_stage", "nobody_lead", "P1-06", "new, without a stage, in the segment by its score",
          event={"hs": {"new": True, "stage": -1, "score": 90}}),
    Story("new_in_hubspot_outside", "nobody_lead", "D3", "new, outside the segment",
          event={"hs": {"new": True, "stage": STAGE["subscriber"]}}),
    Story("new_in_hubspot_without_email", "nobody_lead", "P2-05 P2-06", "new, without e-mail",
          base={"both": {"email": -1}}, event={"hs": {"new": True, "stage": STAGE["lead"]}}),
    Story("new_in_hubspot_without_company", "nobody_lead", "P2-07 X9", "new lead without a company name",
          base={"both": {"company": -1}}, event={"hs": {"new": True, "stage": STAGE["lead"]}}),
    Story("new_in_hubspot_without_last_name", "nobody_contact", "P2-07", "new contact without a last name",
          base={"both": {"last": -1}}, event={"hs": {"new": True, "stage": STAGE["customer"]}}),
    Story("new_in_hubspot_long_name", "nobody_lead", "P2-BB", "first name of more than 40 characters",
          event={"hs": {"new": True, "stage": STAGE["lead"],
                        "text": {"firstname": "Maria Fernanda de los Angeles Guadalupe Esperanza"}}}),
    Story("new_in_hubspot_converted_status", "nobody_lead", "P1-27", "lead status that only a conversion may set",
          event={"hs": {"new": True, "stage": STAGE["lead"], "text": {"leadstatus": "Closed - Converted"}}}),
    Story("new_in_hubspot_after_midnight", "nobody_lead", "D2 P2-10", "made after the night's end, before the export",
          event={"hs": {"new": True, "late": True, "stage": STAGE["lead"]}}, nights=(2,)),
    Story("new_in_hubspot_created_in_salesforce", "nobody_lead", "D2 P2-17 P2-26",
          "new; a night later the lead is there and its id stored",
          event={"hs": {"new": True, "stage": STAGE["lead"], "stored": 0}},
          after={"sf": {"new": True}, "hs": {"stored": 1}}, nights=(2,)),
    Story("new_in_hubspot_stage_moves", "nobody_lead", "X11 P2-6A P1-03 P1-04",
          "new in a lead stage, a night later in a contact stage",
          event={"hs": {"new": True, "stage": STAGE["lead"]}}, after={"hs": {"stage": STAGE["customer"]}}, nights=(2,)),
)

STORIES = (*_MEMBERSHIP, *_SALESFORCE_NEW, *_HUBSPOT_NEW)

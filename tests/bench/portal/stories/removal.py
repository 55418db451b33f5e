"""Deletions and returns on either side (2.5)."""

from tests.bench.portal.story import Story

# A story reads as a row of a table.
# fmt: off
STORIES = (
    Story("deleted_in_salesforce", "pair", "P2-45", "deleted in Salesforce, inside the segment",
          event={"sf": {"deleted": 1}}, least=8),
    Story("deleted_twin_alive", "lead_pair", "P2-2B", "linked lead deleted, a record of the same e-mail lives",
          base={"sf2": {"exists": 1, "kind": 1}}, event={"sf": {"deleted": 1}}),
    Story("deleted_and_restored_in_salesforce", "pair", "P2-45", "deleted in Salesforce and restored a night later",
          event={"sf": {"deleted": 1}}, after={"sf": {"deleted": 0}}, nights=(2,)),
    Story("absent_from_salesforce", "pair", "P2-47", "no longer delivered by Salesforce, and no sign of a deletion",
          event={"sf": {"exists": 0}}),
    Story("deleted_long_ago", "salesforce_only", "P2-47", "in Salesforce's recycle bin since before the start",
          base={"sf": {"deleted": 1}}, nights=(1,)),
    Story("deleted_in_hubspot", "pair", "P2-45", "no longer delivered by HubSpot", event={"hs": {"exists": 0}}),
    Story("deleted_and_restored_in_hubspot", "pair", "P2-45", "gone from HubSpot for one night",
          event={"hs": {"exists": 0}}, after={"hs": {"exists": 1}}, nights=(2,)),
    Story("deleted_in_both", "pair", "P2-45", "deleted on both sides in one night",
          event={"hs": {"exists": 0}, "sf": {"deleted": 1}}),
    Story("deleted_while_edited", "pair", "P2-45 P2-C1", "job title edited in HubSpot, deleted in Salesforce",
          event={"hs": {"title": 1}, "sf": {"deleted": 1}}),
)

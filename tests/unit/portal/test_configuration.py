"""data/sync.yaml fits the sample beside it."""

from schemas.config import load
from tests.unit.portal.delivered import NIGHTS, ROOT, document, planted, rows

CONFIG = load(ROOT / "data" / "sync.yaml")


def test_both_crms_have_delivered_every_night() -> None:
    assert CONFIG.start == NIGHTS[0]
    for night in NIGHTS:
        assert (CONFIG.sources.hubspot.folder(night) / "lists.json").is_file()
        assert list(CONFIG.sources.salesforce.folder(night).glob("Lead.csv*"))


def test_the_inclusion_segment_is_a_dynamic_list() -> None:
    for night in NIGHTS:
        lists = {each["listId"]: each for each in document(night, "hubspot/lists.json")}
        chosen = lists[str(CONFIG.integration.inclusion_segment)]
        assert (chosen["processingType"], chosen["processingStatus"]) == ("DYNAMIC", "COMPLETE")


def test_stages_are_options_of_the_portal() -> None:
    (salesforce,) = CONFIG.data_sync
    properties = {each["name"]: each for each in document(NIGHTS[0], "hubspot/properties/contact.json")}
    options = {option["value"] for option in properties["lifecyclestage"]["options"]}
    chosen = {*salesforce.lead_stages, *salesforce.contact_stages}
    assert chosen < options
    assert options - chosen == {"evangelist", "other"}


def test_the_custom_mapping_is_a_field_of_both() -> None:
    (region,) = CONFIG.mappings
    assert region.hubspot in rows(NIGHTS[0], "hubspot/contacts")[0]
    assert all(region.salesforce in rows(NIGHTS[0], f"salesforce/{sobject}")[0] for sobject in ("Lead", "Contact"))


def test_the_guards_let_the_sample_through() -> None:
    deleted = sum(
        family["count"]
        for night in NIGHTS
        for name, family in planted(night)["families"].items()
        if name.startswith("deleted")
    )
    assert CONFIG.guards.max_deletes is not None
    assert CONFIG.guards.max_deletes >= deleted


def test_the_lifecycle_file_is_there_on_its_night() -> None:
    (update,) = CONFIG.lifecycle.updates
    assert update.night == NIGHTS[-1]
    assert update.source is not None
    assert update.source.is_file()


def test_the_contact_tier_holds_until_the_last_night() -> None:
    """Marketing contacts there are, and those to be made that nobody has made yet (new contacts are marketing contacts)."""
    waiting = ("new_inside_first_night", "new_lead", "new_contact", "two_new_leads")
    made_tomorrow = ("new_lead_created_in_hubspot", "new_outside_then_frozen")
    counts, pending = [], 0
    for night in NIGHTS:
        families = {name: family["count"] for name, family in planted(night)["families"].items()}
        pending += sum(families.get(name, 0) for name in waiting)
        now = sum(
            row["hs_marketable_status"] in {"true", "Marketing contact"} for row in rows(night, "hubspot/contacts")
        )
        counts.append(now + pending + sum(families.get(name, 0) for name in made_tomorrow))
    tier = CONFIG.marketing.contact_tier
    assert tier is not None
    assert counts[1] < tier < counts[2]

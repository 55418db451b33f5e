"""The sample is like a real portal where that matters: sizes, shares, forms, and no address that could reach anybody."""

import itertools
import re

import pytest

from tests.unit.portal.delivered import NIGHTS, SAMPLES, by_id, content, ids_of, planted, rows

each_night = pytest.mark.parametrize("night", NIGHTS)
RESERVED = re.compile(r"(\.|^)(example|example\.com|example\.org|example\.net)$", re.IGNORECASE)
OBJECTS = {
    "hubspot/contacts": (3900, 4200), "salesforce/Lead": (2300, 2700), "salesforce/Contact": (2300, 2700),
    "hubspot/companies": (550, 800), "salesforce/Account": (550, 850), "salesforce/CampaignMember": (2000, 4000),
    "hubspot/list_memberships": (3000, 8000), "salesforce/User": (30, 50),
}  # fmt: skip
MAPPED = (
    ("firstname", "FirstName", "FirstName"), ("lastname", "LastName", "LastName"), ("jobtitle", "Title", "Title"),
    ("phone", "Phone", "Phone"), ("fax", "Fax", "Fax"), ("city", "City", "MailingCity"),
    ("zip", "PostalCode", "MailingPostalCode"),
    ("address", "Street", "MailingStreet"), ("country", "Country", "MailingCountry"), ("leadsource", "LeadSource", "LeadSource"),
    ("company", "Company", None), ("industry", "Industry", None), ("rating", "Rating", None), ("website", "Website", None),
    ("annualrevenue", "AnnualRevenue", None), ("leadstatus", "Status", None), ("region__hs", "Region__c", "Region__c"),
)  # fmt: skip


@each_night
def test_sizes(night: str) -> None:
    for name, (least, most) in OBJECTS.items():
        assert least <= len(rows(night, name)) <= most, name


def test_the_sample_is_small_enough_for_git() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 6_000_000


def test_full_deliveries_hardly_shrink() -> None:
    for earlier, later in itertools.pairwise(NIGHTS):
        for name in planted(earlier)["rows"]:
            assert len(rows(later, name)) > 0.95 * len(rows(earlier, name)), name


@each_night
def test_few_rows_break_a_contract(night: str) -> None:
    broken = {
        each
        for earlier in NIGHTS[: NIGHTS.index(night) + 1]
        for name, family in planted(earlier)["families"].items()
        if {"contract", "metadata"} & set(family["rules"])
        for crm in ("hubspot", "salesforce")
        if name.startswith(crm)
        for each in ids_of(earlier, name, crm)
    }
    for name, prefix in (("hubspot/contacts", "21"), ("salesforce/Lead", "00Q"), ("salesforce/Contact", "003")):
        share = len([each for each in broken if each.startswith(prefix)]) / len(rows(night, name))
        assert 0.003 < share < 0.03, name


def test_a_believable_part_of_linked_values_differs_on_the_first_night() -> None:
    people, same, other = by_id(NIGHTS[0], "salesforce"), 0, 0
    told = {each for name in planted(NIGHTS[0])["families"] for each in ids_of(NIGHTS[0], name, "hubspot")}
    agreeing = pairs = 0
    for key, row in by_id(NIGHTS[0], "hubspot").items():
        linked = people.get(row["salesforceleadid"] or row["salesforcecontactid"])
        if linked is None or key in told:
            continue
        lead = "Company" in linked
        values = [
            (row[mine], linked[theirs if lead else contacts]) for mine, theirs, contacts in MAPPED if lead or contacts
        ]
        unlike = sum(one != two for one, two in values)
        filled = sum(bool(one or two) for one, two in values)
        same, other = same + filled - unlike, other + unlike
        pairs, agreeing = pairs + 1, agreeing + (unlike == 0)
    assert 0.05 < other / (same + other) < 0.11
    assert 0.6 < agreeing / pairs < 0.85


@each_night
def test_no_address_or_domain_outside_the_reserved_names(night: str) -> None:
    found = 0
    for path in sorted((SAMPLES / night).rglob("*")):
        if not path.is_file() or path.name == "planted.json":
            continue
        text = content(path).decode("utf-8-sig")
        for host in re.findall(r"@+([A-Za-z0-9.-]+\.[A-Za-z]+)|https?://(?:www\.)?([A-Za-z0-9.-]+)", text):
            found += 1
            # usernames of Salesforce are not addresses: they end in .crm
            assert RESERVED.search((host[0] or host[1]).removesuffix(".crm")), path.name
    assert found > 10_000


def test_people_of_many_countries_and_scripts() -> None:
    contacts = by_id(NIGHTS[0], "hubspot").values()
    assert len({row["country"] for row in contacts}) >= 14
    for script in (r"[Ͱ-Ͽ]", r"[Ѐ-ӿ]", r"[一-鿿ぁ-ヿ]", r"[가-힣]", r"[æøåÆØÅäöüß]"):
        assert sum(bool(re.search(script, row["firstname"] + row["lastname"])) for row in contacts) >= 3


def test_every_stage_and_no_stage() -> None:
    stages = {row["lifecyclestage"] for row in by_id(NIGHTS[0], "hubspot").values()}
    assert stages == {
        "", "subscriber", "lead", "1863050417", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer",
        "evangelist", "other",
    }  # fmt: skip


def test_emails_are_unique_in_hubspot_but_for_planted_ones() -> None:
    for night in NIGHTS:
        bad = {
            each
            for name in ("hubspot_bad_email", "hubspot_breaks_tonight")
            for n in NIGHTS
            for each in ids_of(n, name, "hubspot")
        }
        emails = [
            row["email"].lower() for key, row in by_id(night, "hubspot").items() if row["email"] and key not in bad
        ]
        assert len(emails) == len(set(emails))


def test_nights_come_in_different_forms() -> None:
    first, second, third = NIGHTS
    lead = content(SAMPLES / second / "salesforce" / "Lead.csv.gz")
    assert lead.startswith(b"\xef\xbb\xbfId,")
    assert b"\r\n00Q" in lead
    assert b"+0000" in lead
    assert content(SAMPLES / first / "salesforce" / "Lead.csv.gz").startswith(b'"Id","IsDeleted"')
    assert content(SAMPLES / first / "hubspot" / "contacts.csv.gz").startswith(b"hs_object_id,email,")
    assert content(SAMPLES / second / "hubspot" / "contacts.csv.gz").startswith(b'"Record ID","Email",')
    assert b'"Marketing Qualified Lead"' in content(SAMPLES / second / "hubspot" / "contacts.csv.gz")
    mixed = content(SAMPLES / third / "hubspot" / "contacts.csv.gz").split(b"\n")[0]
    assert mixed.startswith(b"Record ID,Email,")
    assert b",leadsource," in mixed
    assert all(row["createdate"].isdigit() for row in rows(third, "hubspot/contacts"))
    assert all(row["CreatedDate"].endswith("+00:00") for row in rows(third, "salesforce/Lead"))

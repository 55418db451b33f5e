"""Campaigns and their members, opportunities and their contact roles, deals."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tests.bench.portal import catalogue, ids, staff, values
from tests.bench.portal.draw import Bools, Ints
from tests.bench.portal.layout import Portal
from tests.bench.portal.nights import DAY, SECOND
from tests.bench.portal.organisations import Organisations, account_ids, accounts_of, flag
from tests.bench.portal.salesforce_people import opportunity_ids, record_ids, was_converted
from tests.bench.portal.state import Snapshot
from tests.bench.portal.story import OPPORTUNITY
from tests.bench.portal.values import CAMPAIGNS, select
from tests.bench.portal.vocabulary import gather, table

_THEMES = ("Webinar", "Trade Fair", "Newsletter", "Customer Day", "Product Launch", "Partner Tour")
_STAGES_OPEN = 4  # the first four opportunity stages
_WON, _LOST = 4, 5


def campaigns(portal: Portal) -> pl.DataFrame:
    """The Campaign export: 24 campaigns, the last six no longer active."""
    number = np.arange(CAMPAIGNS, dtype=np.int64)
    made = portal.nights.base - (700 - number * 20) * DAY
    active = number < 18
    names = [f"{_THEMES[place % 6]} {2024 + place // 12} / {place // 6 + 1}" for place in range(CAMPAIGNS)]
    return pl.DataFrame(
        {
            "Id": campaign_ids(number),
            "IsDeleted": flag(np.zeros(CAMPAIGNS)),
            "Name": names,
            "Type": gather(catalogue.values("campaign_type"), number % 4),
            "Status": gather(catalogue.values("campaign_status"), np.where(active, 1, 2)),
            "IsActive": flag(active),
            "StartDate": values.dates(made + 10 * DAY),
            "EndDate": values.dates(made + 40 * DAY),
            "OwnerId": staff.user_ids(number % staff.ACTIVE),
            "CreatedDate": made,
            "LastModifiedDate": made + DAY,
            "SystemModstamp": made + DAY,
        }
    )


def campaign_ids(number: Ints) -> pl.Series:
    """Ids of campaigns by their number."""
    return ids.salesforce("Campaign", number)


def _contact_slot(portal: Portal, found: Snapshot) -> Ints:
    """Which of a person's two Salesforce records related rows refer to: the second once the first is converted."""
    converted = was_converted(portal, found.subjects, 1) & (found.sf["converted"] == 1)
    return np.where(converted, 1, 0)


def members(portal: Portal, found: Snapshot, since: int | None = None) -> pl.DataFrame:
    """CampaignMember rows of the slice; a converted lead's rows refer to the contact (P2-57)."""
    people, sf = found.subjects, found.sf
    joined = values.campaigns(portal, people, sf["campaigns"])
    alive = (sf["exists"] == 1) & (sf["deleted"] == 0)
    slot = _contact_slot(portal, found)
    newest = np.where(sf["moved"] >= 0, values.newest_campaign(portal, people, sf["campaigns"]), -1)
    parts = []
    for place in range(3):
        campaign = joined[:, place]
        made = sf["created"] + portal.draw.below(f"joined/{place}", people.number, 90 * 86_400) * SECOND
        made = np.where(
            campaign == newest, sf["moved"], np.minimum(made, np.maximum(sf["created"], portal.nights.base - DAY))
        )
        there = alive & (campaign >= 0)
        which = np.flatnonzero(there if since is None else there & (made > since))
        kind = np.where(slot[which] == 1, 1, sf["kind"][which])
        record = record_ids(portal, people.number[which], kind, slot[which])
        answered = portal.draw.chance("responded", people.number[which] * 3 + place, 0.3)
        parts.append(
            pl.DataFrame(
                {
                    "Id": ids.salesforce(
                        "CampaignMember", portal.rows.back(people.number[which]) * CAMPAIGNS + campaign[which]
                    ),
                    "IsDeleted": flag(np.zeros(len(which))),
                    "CampaignId": campaign_ids(campaign[which]),
                    "LeadId": record.set(pl.Series(kind == 1), None),
                    "ContactId": record.set(pl.Series(kind == 0), None),
                    "Status": gather(catalogue.values("member_status"), answered.astype(np.int64)),
                    "HasResponded": flag(answered),
                    "CreatedDate": made[which],
                    "LastModifiedDate": made[which],
                    "SystemModstamp": made[which],
                    "order": which,
                }
            )
        )
    return pl.concat(parts).sort("order", maintain_order=True).drop("order")


def _dealing(portal: Portal, found: Snapshot) -> tuple[Bools, Ints]:
    """Whose Salesforce contact has an opportunity, and in which record."""
    slot = _contact_slot(portal, found)
    sf = found.sf
    there = np.where(slot == 1, found.sf2["exists"] == 1, (sf["exists"] == 1) & (sf["kind"] == 1))
    return there & (sf["opportunity"] > 0), slot


def opportunities(portal: Portal, found: Snapshot, firms: Organisations, since: int | None = None) -> pl.DataFrame:
    """Opportunities of the slice's contacts."""
    there, slot = _dealing(portal, found)
    stamp = _moved(portal, found)
    which = np.flatnonzero(there if since is None else there & (stamp > since))
    people = found.subjects.take(which)
    state = found.sf["opportunity"][which]
    won = (state == OPPORTUNITY["won_role"]) | (state == OPPORTUNITY["won"])
    lost = state == OPPORTUNITY["lost_role"]
    account = accounts_of(portal, firms, people, (slot[which] == 1))
    made = np.maximum(found.sf["created"][which], stamp[which] - 90 * DAY)
    own, names = opportunity_ids(portal, people.number), people.company.names(portal)
    return _rows(portal, _Opportunities(own, people.number, names, account, won, lost, made, stamp[which]))


def account_opportunities(portal: Portal, firms: Organisations, since: int | None = None) -> pl.DataFrame:
    """Opportunities of accounts with which no person is connected."""
    number = firms.subjects.number
    alive = (firms.sf["exists"] == 1) & (firms.sf["deleted"] == 0)
    there = alive & portal.draw.chance("opportunity/alone", number, 0.15)
    stamp = firms.sf["modified"]
    which = np.flatnonzero(there if since is None else there & (stamp > since))
    outcome = portal.draw.choice("opportunity/outcome", number[which], [5, 3, 2])
    own, names = (
        ids.salesforce("Opportunity", which + portal.cast.size),
        firms.subjects.company.take(which).names(portal),
    )
    made, account = firms.sf["created"][which], account_ids(portal, which)
    found = _Opportunities(own, number[which], names, account, outcome == 1, outcome == 2, made, stamp[which])
    return _rows(portal, found)


@dataclass
class _Opportunities:
    own: pl.Series
    number: Ints
    names: pl.Series
    account: pl.Series
    won: Bools
    lost: Bools
    made: Ints
    stamp: Ints


def _rows(portal: Portal, found: _Opportunities) -> pl.DataFrame:
    draw, number, closed = portal.draw, found.number, found.won | found.lost
    stage = np.where(
        found.won, _WON, np.where(found.lost, _LOST, draw.below("opportunity/stage", number, _STAGES_OPEN))
    )
    amount = (draw.below("opportunity/amount", number, 900) + 10) * 1_000
    planned = portal.nights.base + draw.below("opportunity/close", number, 180) * DAY
    likely = np.where(found.won, 100, np.where(found.lost, 0, 10 + 25 * stage))
    theme = gather(table(_THEMES), number % 6)
    return pl.DataFrame(
        {
            "Id": found.own,
            "IsDeleted": flag(np.zeros(len(number))),
            "AccountId": found.account,
            "Name": select(pl.format("{} - {}", "name", "theme"), name=found.names, theme=theme),
            "Amount": select(pl.format("{}.00", "amount"), amount=amount),
            "StageName": gather(catalogue.values("opportunity_stage"), stage),
            "CloseDate": values.dates(np.where(closed, found.stamp, planned)),
            "Probability": pl.Series(likely).cast(pl.String),
            "IsClosed": flag(closed),
            "IsWon": flag(found.won),
            "OwnerId": staff.user_ids(staff.positions(portal, number, np.zeros(len(number), dtype=np.int64))),
            "CreatedDate": found.made,
            "LastModifiedDate": found.stamp,
            "SystemModstamp": found.stamp,
        }
    )


def _moved(portal: Portal, found: Snapshot) -> Ints:
    sf = found.sf
    lived = np.maximum(portal.nights.base - DAY - sf["created"], 0)
    part = portal.draw.unit("opportunity/moved", found.subjects.number)
    usual = sf["created"] + (part * lived).astype(np.int64) // SECOND * SECOND
    return np.where(sf["moved"] >= 0, sf["moved"], usual)


def roles(portal: Portal, found: Snapshot, since: int | None = None) -> pl.DataFrame:
    """OpportunityContactRole rows of the slice's contacts."""
    there, slot = _dealing(portal, found)
    named = {OPPORTUNITY[name] for name in ("open_role", "won_role", "lost_role")}
    stamp = _moved(portal, found)
    there &= (found.sf["deleted"] == 0) | (slot == 1)
    there &= np.isin(found.sf["opportunity"], list(named))
    which = np.flatnonzero(there if since is None else there & (stamp > since))
    number = found.subjects.number[which]
    return pl.DataFrame(
        {
            "Id": ids.salesforce("OpportunityContactRole", portal.rows.back(number)),
            "IsDeleted": flag(np.zeros(len(which))),
            "OpportunityId": opportunity_ids(portal, number),
            "ContactId": record_ids(portal, number, 1, slot[which]),
            "Role": gather(catalogue.values("role"), number % 4),
            "IsPrimary": flag(number % 2),
            "CreatedDate": stamp[which],
            "LastModifiedDate": stamp[which],
            "SystemModstamp": stamp[which],
        }
    )


def deals(portal: Portal, firms: Organisations, since: int | None = None) -> pl.DataFrame:
    """HubSpot's deals, one for some of the companies; opportunities and deals are never matched (P2-55)."""
    number = firms.subjects.number
    there = (firms.hs["exists"] == 1) & portal.draw.chance("deal", number, 0.4)
    which = np.flatnonzero(there if since is None else there & (firms.hs["modified"] > since))
    stage = portal.draw.choice("deal/stage", number[which], [25, 20, 15, 10, 20, 10])
    closed = stage >= 4
    modified = firms.hs["modified"][which]
    return pl.DataFrame(
        {
            "hs_object_id": ids.hubspot(which, 13_000_000_007),
            "dealname": select(pl.format("{} renewal", "name"), name=firms.subjects.company.take(which).names(portal)),
            "pipeline": pl.Series(["default"]).new_from_index(0, len(which)),
            "dealstage": gather(catalogue.values("deal_stage"), stage),
            "amount": pl.Series((portal.draw.below("deal/amount", number[which], 400) + 5) * 500).cast(pl.String),
            "closedate": np.where(closed, modified, portal.nights.base + 30 * DAY),
            "hubspot_owner_id": staff.owner_ids(
                staff.positions(portal, number[which], np.zeros(len(which), dtype=np.int64))
            ),
            "hs_is_closed_won": flag(stage == 4),
            "createdate": firms.hs["created"][which] + DAY,
            "hs_lastmodifieddate": np.maximum(modified, firms.hs["created"][which] + DAY),
        }
    )

"""A plan that was carried out is not planned again: the CRMs load the deltas, and the next night has nothing to say."""

from pathlib import Path
from random import Random

from assets.shared.lake import Lake
from tests.support.configuration import write_config
from tests.support.crm import load
from tests.support.outcome import Names, Outcome
from tests.support.portal import Portal, night_of
from tests.support.run import run_night

SETTINGS = {
    "integration": {"on_salesforce_delete": "delete_hubspot_contact"},
    "mapping_rules": {"jobtitle": "two_way"},
}
FIRST = {
    **{f"H{n}": {"email": f"p{n}@x.com", "jobtitle": "CTO", "phone": "+4711111111"} for n in range(1, 9)},
    **{f"L{n}": {"Email": f"p{n}@x.com", "Title": "CTO", "Phone": "+4711111111"} for n in range(1, 5)},
    **{f"C{n}": {"Email": f"p{n}@x.com", "Title": "CTO", "Phone": "+4711111111"} for n in range(5, 9)},
}
SECOND = {
    "H1": {"jobtitle": "CEO"},  # two-way: to Salesforce
    "L2": {"Title": "CFO", "Phone": "+4722222222"},  # to HubSpot
    "H3": {"jobtitle": None},  # two-way: deleted in HubSpot, cleared in Salesforce
    "L4": {"Phone": None},  # deleted in Salesforce, cleared in HubSpot
    "H5": {"jobtitle": "COO", "at": "10:00"},
    "C5": {"Title": "CIO", "at": "10:05"},  # both: the newest wins
    "H6": {"phone": "+4733333333"},  # prefer Salesforce: taken back
    "C7": {"IsDeleted": True},  # HubSpot contact deleted
    "H20": {"email": "n20@x.com", "firstname": "Bo", "lastname": "Ek"},  # created in Salesforce
    "L21": {"Email": "n21@x.com", "FirstName": "Åse"},  # created in HubSpot
    "C22": {"Email": "n22@x.com", "LastName": 'O"Neil, Jr'},
}
KINDS = {
    ("hubspot", "create"), ("hubspot", "update"), ("hubspot", "clear"), ("hubspot", "delete"),
    ("salesforce", "create"), ("salesforce", "update"),
}  # fmt: skip


def test_the_night_after_has_no_delta(tmp_path: Path) -> None:
    portal, config, lake = Portal(), write_config(tmp_path / "sync.yaml", SETTINGS), Lake(tmp_path / "lake")

    def night(number: int) -> Outcome:
        portal.write(tmp_path / "exports" / night_of(number))
        run_night(config, lake.root, night_of(number))
        return Outcome(lake, night_of(number), Names.learn(portal.rows))

    for number, rows in ((1, FIRST), (2, SECOND)):
        for name, values in rows.items():
            portal.edit(name, values, night_of(number), first=number == 1)
        planned = night(number)
        assert bool(planned.operations()) == (number == 2)
    assert {(operation.system, operation.op) for operation in planned.operations()} == KINDS

    load(portal, planned.operations(), night_of(3), 1, Random(3), 900)
    assert night(3).operations() == set()

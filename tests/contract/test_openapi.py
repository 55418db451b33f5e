"""HubSpot's official OpenAPI files judge both directions; collected only where HUBSPOT_OPENAPI_DIR is set."""

from pathlib import Path

from pipelines.emulate.app import Emulator
from pipelines.emulate.serve import Serving
from pipelines.emulate.state import Settings
from tests.support.judges import openapi
from tests.support.live import people
from tests.support.live_portal import NEXT, fetch, new_lake
from tests.support.openapi import Specification, Validating


def test_our_requests_and_the_emulators_answers_are_what_hubspot_specifies(tmp_path: Path) -> None:
    specification = Specification.read(openapi() or tmp_path)
    emulator = Emulator(Settings(limit=100_000, search_limit=100_000))
    emulator.app = Validating(emulator.app, specification)
    with Serving(emulator) as crm:
        ids = people(crm, 230)
        emulator.portal.associate(ids[0], 9, primary=True)
        lake = new_lake(tmp_path)
        fetch(crm, lake, api={"full_snapshot": "export"})
        fetch(crm, new_lake(tmp_path / "history"), api={"history_properties": ["firstname"]})
        emulator.world.offset += 7200
        emulator.portal.kinds["contact"].put({"firstname": "New"}, ids[2])
        fetch(crm, lake, NEXT, api={"id_sweep_nights": 1})
    assert specification.judged > 20
    assert specification.wrong == []

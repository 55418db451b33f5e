"""What answers of HubSpot and Salesforce mean, in every form that their contracts leave free."""

import pytest

from assets.hubspot.client_answers import classify
from assets.hubspot.client_pages import decoded
from assets.shared.http import Answer
from assets.shared.http_failures import Retry


@pytest.mark.parametrize(
    "paging", ["", ',"paging":{}', ',"paging":null', ',"paging":{"next":{}}', ',"paging":{"next":{"after":""}}']
)
def test_a_last_page_says_so_in_many_ways(paging: str) -> None:
    page = decoded(Answer(200, {}, f'{{"results":[{{"id":"7"}}]{paging}}}'.encode()))
    assert (page.ids, page.after) == ([7], None)


@pytest.mark.parametrize("status", [408, 423, 425, 429, 477, 502, 521])
def test_what_may_go_away_is_worth_asking_again(status: int) -> None:
    assert isinstance(classify(status, {}, b""), Retry)

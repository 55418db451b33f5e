"""What Salesforce says about the day's calls, and which failures may go away."""

import pytest

from assets.salesforce.client_answers import classify, learn
from assets.shared.http_bucket import Meter
from assets.shared.http_failures import Retry


@pytest.mark.parametrize(
    ("said", "stops"),
    [
        ("api-usage=18/5000", False),
        ("api-usage=4999/5000", True),
        ("per-app-api-usage=249/250(appName=x), api-usage=18/5000", False),
        ("api-usage=18/5000, per-app-api-usage=249/250(appName=x)", False),
        ("", False),
    ],
)
def test_the_orgs_day_counts_not_an_apps(said: str, stops: bool) -> None:
    meter = Meter("salesforce")
    learn(meter, {"sforce-limit-info": said})
    assert (meter.stop is not None) == stops


@pytest.mark.parametrize("status", [408, 420, 425, 429, 503])
def test_what_may_go_away_is_worth_asking_again(status: int) -> None:
    assert isinstance(classify(status, {}, b""), Retry)

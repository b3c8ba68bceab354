"""The API keeps its word: whatever is sent, what comes back is what docs/openapi.json says, and never a 5xx."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings

from accounts import flows, tokens
from accounts.models import User
from tests.services import Running, running
from tests.test_strangers import theirs  # noqa: F401 what Alice has, by the name it has in an address

pytestmark = pytest.mark.processes

DOCUMENT = schemathesis.openapi.from_path(Path(__file__).parent.parent / "docs/openapi.json")
# What fits the schema may still be refused by a rule that no schema can state: a time that has passed, a move.
BEYOND_A_SCHEMA = {"positive_data_acceptance"}
# A true address and a true token were put in the place of odd ones, so there may be nothing to refuse.
PUT_RIGHT = {"negative_data_rejection"}


@pytest.fixture(scope="module")
def web(django_db_setup: None, django_db_blocker: Any) -> Iterator[Running]:
    with django_db_blocker.unblock(), running("web") as run:
        yield run


@pytest.fixture
def token(transactional_db: None, alice: User) -> str:
    now = timezone.now()
    sign_in = flows.sign_in_app(user=alice, client="192.0.2.1", user_agent="fuzz", now=now)
    return tokens.pair(sign_in, now=now).access_token


@DOCUMENT.parametrize()
@settings(
    max_examples=15,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_sent_is_answered_as_documented(
    case: schemathesis.Case,
    web: Running,
    theirs: dict[str, Any],  # noqa: F811
    token: str,
) -> None:
    cache.clear()  # Limits are tested elsewhere.
    known = {name: str(theirs[name]) for name in case.path_parameters if name in theirs}
    case.path_parameters.update(known)
    headers = {"Authorization": f"Bearer {token}"}
    case.call_and_validate(base_url=web.url, headers=headers, excluded_checks=excluded(case), timeout=30)


def excluded(case: schemathesis.Case) -> list[Any]:
    odd = {place.value for place, made in case.meta.components.items() if made.mode.is_negative}
    names = BEYOND_A_SCHEMA if "body" in odd else BEYOND_A_SCHEMA | PUT_RIGHT
    return [check for check in schemathesis.checks.CHECKS.get_all() if check.__name__ in names]

"""The true token of each address that is opened by one."""

from accounts import switches
from reminders import links, unsubscribe
from reminders.models import Reminder
from tests.routes import OPENED_BY_A_TOKEN


def tokens_of(reminder: Reminder) -> dict[str, dict[str, str]]:
    """By the address, what stands in it for this reminder or for its owner."""
    told = {"token": links.token_for(reminder.pk, reminder.round)}
    no_more_mail = unsubscribe.link_for(reminder.owner_id).rpartition("/")[2]
    own = {
        "/calendar/<str:key>.ics": {"key": switches.renew_calendar_key(user=reminder.owner)},
        "/unsubscribe/<str:token>": {"token": no_more_mail},
    }
    return dict.fromkeys(OPENED_BY_A_TOKEN, told) | own

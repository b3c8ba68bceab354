"""How many reminders of one person may wait: the engine takes them by their time alone, whosever they are."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from reminders.models import Reminder

# Four for each batch of a large shelf; in front of somebody else's safety, no more than a minute's work.
MOST_WAITING = 2_000


class TooManyWaiting(ValidationError):
    def __init__(self) -> None:
        sentence = _("At most %(most)s reminders wait at a time. Finish or cancel some first.")
        super().__init__(sentence, code="too_many", params={"most": MOST_WAITING})


def are_too_many(owner: User) -> bool:
    """With those that were just written. Two who ask at once may pass it by a few."""
    waiting = Reminder.objects.of(owner).waiting()
    return waiting[: MOST_WAITING + 1].count() > MOST_WAITING

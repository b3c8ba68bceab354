"""What workers do for batches."""

from datetime import datetime

from accounts import mail
from batches import forecasts
from batches.actions import FORECAST
from batches.grain_models import Grains
from batches.grains import WANTING
from kefir import languages
from work.registry import Failed, Task, handles


@handles(FORECAST)
def foretell(task: Task) -> None:
    forecasts.foretell(batch_id=task.key, now=task.now)


@handles(forecasts.AGAIN)
def foretell_many(task: Task) -> None:
    forecasts.go_on(**task.payload, owner_id=task.owner_id, now=task.now)


@handles(WANTING)
def tell_what_grains_want(task: Task) -> None:
    """One mail for one thing they want, and none where it is done meanwhile."""
    told_at = datetime.fromisoformat(task.payload["told_at"])
    known = Grains.objects.filter(pk=task.payload["grains"], told_at=told_at).select_related("owner")
    grains = known.first()
    if grains is None:
        return
    with languages.spoken(grains.owner.language):
        wanted = grains.care()
    if wanted is None or not mail.takes_news(grains.owner):
        return
    try:
        mail.send(
            WANTING,
            grains.owner.email,
            language=grains.owner.language,
            message_id=f"grains-{grains.pk}-{int(told_at.timestamp())}",
            grains=grains,
            wanted=wanted,
        )
    except mail.MailNotSent as failure:
        raise Failed("The mail server did not take it.") from failure

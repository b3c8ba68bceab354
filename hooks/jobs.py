import random

from accounts import mail
from hooks import carrier
from hooks.models import Endpoint
from work.registry import Failed, Task, handles

# How often a message is tried is said in hooks.timing; what dies with its worker comes on top.
CRASHES = 20


@handles("webhook", tries=CRASHES)
def send(task: Task) -> None:
    carrier.deliver(delivery_id=task.key, now=task.now, chance=random.random())  # noqa: S311


@handles("webhook_given_up")
def tell_owner(task: Task) -> None:
    """By mail, once for each time it was switched off; not when it is on again by now."""
    off = Endpoint.objects.filter(pk=task.key, is_on=False, disabled_at__isnull=False)
    endpoint = off.select_related("user").first()
    if endpoint is None:
        return
    try:
        user = endpoint.user
        mail.send(
            "webhook_given_up",
            user.email,
            # Who dies before it is noted sends it once more.
            message_id=f"webhook-{endpoint.pk}-{endpoint.disabled_at:%Y%m%d%H%M%S}",
            language=user.language,
            endpoint=endpoint,
        )
    except mail.MailNotSent as error:
        raise Failed("The mail server does not take it.") from error

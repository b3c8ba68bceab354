"""What workers do for sensors."""

from datetime import datetime

from accounts import mail
from sensors.actions import SILENT
from sensors.models import Sensor
from work.registry import Failed, Task, handles


@handles(SILENT)
def tell_of_silence(task: Task) -> None:
    """One mail for one silence, and none where the sensor has spoken meanwhile."""
    told_at = datetime.fromisoformat(task.payload["told_at"])
    known = Sensor.objects.kept().filter(pk=task.payload["sensor"], told_silent_at=told_at)
    sensor = known.select_related("owner", "batch").first()
    if sensor is None or not sensor.is_silent or not mail.takes_news(sensor.owner):
        return
    try:
        owner, batch = sensor.owner, sensor.batch
        mail.send(
            SILENT,
            owner.email,
            # Who dies before it is noted sends it once more.
            message_id=f"silent-{sensor.pk}-{told_at:%Y%m%d%H%M%S}",
            language=owner.language,
            sensor=sensor,
            batch=batch,
            zone=owner.zone,
        )
    except mail.MailNotSent as failure:
        raise Failed("The mail server did not take it.") from failure

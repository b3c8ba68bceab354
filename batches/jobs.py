"""What workers do for batches."""

from batches import forecasts
from batches.actions import FORECAST
from work.registry import Task, handles


@handles(FORECAST)
def foretell(task: Task) -> None:
    forecasts.foretell(batch_id=task.key, now=task.now)


@handles(forecasts.AGAIN)
def foretell_many(task: Task) -> None:
    forecasts.go_on(**task.payload, owner_id=task.owner_id, now=task.now)

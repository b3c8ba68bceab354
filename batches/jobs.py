"""What workers do for batches."""

from batches import forecasts
from batches.actions import FORECAST
from work import actions as work
from work.registry import Task, handles


@handles(FORECAST)
def foretell(task: Task) -> None:
    forecasts.foretell(batch_id=task.key, now=task.now)


@handles(forecasts.AGAIN)
def foretell_many(task: Task) -> None:
    """A chunk, and the next one as a job of its own, so that a kill costs one chunk."""
    last = forecasts.foretell_many(after=task.payload["after"], now=task.now)
    if last is not None:
        work.enqueue(kind=task.kind, key=f"after {last}", now=task.now, payload={"after": last})

"""What workers do for reminders, beside the engine that sends them."""

from batches.forecasts import FOLLOW
from reminders import actions
from work.registry import Task, handles


@handles(FOLLOW)
def follow_forecasts(task: Task) -> None:
    actions.follow_forecasts(batch_ids=task.payload["batches"], now=task.now)

"""What workers do for reminders, beside the engine that sends them."""

from uuid import UUID

from batches.forecasts import FOLLOW
from batches.grains import PLAN
from batches.undoing import TAKE_UP
from kefir.bucket import BucketFailed
from reminders import actions, demo_pictures, grains
from work.registry import Failed, Task, handles


@handles(FOLLOW)
def follow_forecasts(task: Task) -> None:
    actions.follow_forecasts(batch_ids=task.payload["batches"], now=task.now)


@handles(PLAN)
def plan_care_of_grains(task: Task) -> None:
    grains.plan(grains_id=UUID(task.key), now=task.now)


@handles(TAKE_UP)
def take_up_reminders_of_grains(task: Task) -> None:
    grains.take_up(ids=task.payload["reminders"], now=task.now)


@handles(demo_pictures.JOB)
def hang_demo_pictures(task: Task) -> None:
    try:
        demo_pictures.hang(user_id=UUID(task.key), now=task.now)
    except BucketFailed as failure:
        raise Failed(str(failure)) from failure

"""What workers do for labels."""

from uuid import UUID

from tags import orders, pdf
from work.registry import Failed, Task, handles

TRIES = 3


@handles(orders.KIND, tries=TRIES, at_once=1)
def make_labels(task: Task) -> None:
    sheet_id = UUID(task.payload["sheet"])
    try:
        orders.make(sheet_id=sheet_id, now=task.now)
    except pdf.PressCannotStart as failure:
        raise Failed(str(failure), permanent=True) from failure
    except pdf.PressBroke as failure:
        if task.attempt >= TRIES:
            orders.give_up(sheet_id=sheet_id)
        raise Failed(f"The labels could not be made. {failure}") from failure

"""What workers do for labels."""

from uuid import UUID

from tags import orders, pdf
from work.registry import Failed, Task, handles


def give_up(task: Task) -> None:
    orders.give_up(sheet_id=UUID(task.payload["sheet"]))


@handles(orders.KIND, tries=3, at_once=1, given_up=give_up)
def make_labels(task: Task) -> None:
    try:
        orders.make(sheet_id=UUID(task.payload["sheet"]), now=task.now)
    except pdf.PressCannotStart as failure:
        raise Failed(str(failure), permanent=True) from failure
    except pdf.PressBroke as failure:
        raise Failed(f"The labels could not be made. {failure}") from failure

"""What workers do with photos."""

from uuid import UUID

from events import photos
from events.copies import DarkroomBroke
from kefir.bucket import BucketFailed
from work.registry import Failed, Task, handles


@handles("photo_copies")
def make_copies(task: Task) -> None:
    try:
        photos.make_copies(photo_id=UUID(task.payload["photo"]), now=task.now, attempt=task.attempt)
    except (BucketFailed, DarkroomBroke) as failure:
        raise Failed(str(failure)) from failure

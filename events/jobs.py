"""What workers do with photos."""

from uuid import UUID

from events import photos
from work.registry import Task, handles


@handles("photo_copies")
def make_copies(task: Task) -> None:
    photos.make_copies(photo_id=UUID(task.payload["photo"]), now=task.now, attempt=task.attempt)

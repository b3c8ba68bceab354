"""What workers do with photos."""

from uuid import UUID

from accounts.mail import MailNotSent
from events import originals, photos
from events.copies import DarkroomBroke
from kefir.bucket import BucketFailed
from work.registry import Failed, Task, handles


@handles("photo_copies")
def make_copies(task: Task) -> None:
    try:
        photos.make_copies(photo_id=UUID(task.payload["photo"]), now=task.now, attempt=task.attempt)
    except (BucketFailed, DarkroomBroke, photos.CopiesAreGone) as failure:
        raise Failed(str(failure)) from failure


@handles(photos.THROW_AWAY)
def throw_away(task: Task) -> None:
    try:
        while photos.throw_away(now=task.now):
            pass
    except BucketFailed as failure:
        raise Failed(str(failure)) from failure


@handles("originals_will_go")
def tell_that_originals_will_go(task: Task) -> None:
    try:
        originals.tell(owner_id=UUID(task.key), now=task.now)
    except MailNotSent as failure:
        raise Failed("The mail server did not take the mail.") from failure

"""What workers do with data that is taken out."""

from collections.abc import Callable
from uuid import UUID

from accounts.mail import MailNotSent
from kefir.bucket import BucketFailed
from takeout import actions, farewells, imports
from work.registry import Failed, Task, handles

TRIES = 5


@handles(actions.ARCHIVE, tries=TRIES, at_once=2)
def make_archive(task: Task) -> None:
    export_id = UUID(task.payload["export"])
    try:
        actions.make_archive(export_id=export_id, now=task.now)
    except BucketFailed as failure:
        raise Failed(str(failure)) from failure
    finally:
        if task.attempt == TRIES:
            actions.give_up_archive(export_id=export_id)


@handles(actions.ARCHIVE_MAIL)
def mail_archive(task: Task) -> None:
    mailed(lambda: actions.mail_archive(export_id=UUID(task.payload["export"])))


def mailed(verb: Callable[[], None]) -> None:
    try:
        verb()
    except MailNotSent as failure:
        raise Failed("The mail server does not take it.") from failure


@handles(imports.IMPORT, tries=TRIES, at_once=2)
def take_in(task: Task) -> None:
    import_id = UUID(task.payload["import"])
    try:
        imports.carry_on(import_id=import_id, now=task.now)
    except BucketFailed as failure:
        raise Failed(str(failure)) from failure
    finally:
        if task.attempt == TRIES:
            imports.give_up(import_id=import_id, now=task.now)


@handles(farewells.FAREWELL)
def farewell(task: Task) -> None:
    try:
        mailed(lambda: farewells.say(farewell_id=UUID(task.payload["farewell"])))
    except BucketFailed as failure:
        raise Failed(str(failure)) from failure

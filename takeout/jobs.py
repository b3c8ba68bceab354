"""What workers do with data that is taken out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from accounts.mail import MailNotSent
from kefir.bucket import BucketFailed
from takeout import actions, farewells, imports
from work.registry import Failed, Task, handles

TRIES = 5


@contextmanager
def speaking_to_the_bucket() -> Iterator[None]:
    try:
        yield
    except BucketFailed as failure:
        raise Failed(str(failure)) from failure


def give_up_archive(task: Task) -> None:
    actions.give_up_archive(export_id=UUID(task.payload["export"]))


@handles(actions.ARCHIVE, tries=TRIES, at_once=2, given_up=give_up_archive)
def make_archive(task: Task) -> None:
    with speaking_to_the_bucket():
        actions.make_archive(export_id=UUID(task.payload["export"]), now=task.now)


@handles(actions.ARCHIVE_MAIL)
def mail_archive(task: Task) -> None:
    mailed(lambda: actions.mail_archive(export_id=UUID(task.payload["export"])))


def mailed(verb: Callable[[], None]) -> None:
    try:
        verb()
    except MailNotSent as failure:
        raise Failed("The mail server does not take it.") from failure


def give_up_import(task: Task) -> None:
    imports.give_up(import_id=UUID(task.payload["import"]), now=task.now)


@handles(imports.IMPORT, tries=TRIES, at_once=2, given_up=give_up_import)
def take_in(task: Task) -> None:
    try:
        with speaking_to_the_bucket():
            imports.carry_on(import_id=UUID(task.payload["import"]), now=task.now)
    except imports.OneAtATime as failure:
        raise Failed("Another file of theirs is being taken in.") from failure


@handles(farewells.FAREWELL, tries=farewells.TRIES)
def farewell(task: Task) -> None:
    with speaking_to_the_bucket():
        mailed(lambda: farewells.say(farewell_id=UUID(task.payload["farewell"]), now=task.now))


@handles(actions.SWEEP_ARCHIVES)
def sweep_archives(task: Task) -> None:
    with speaking_to_the_bucket():
        actions.sweep_archives(now=task.now)


@handles(actions.SWEEP_IMPORTS)
def sweep_imports(task: Task) -> None:
    with speaking_to_the_bucket():
        imports.sweep(now=task.now)


@handles(actions.SWEEP_NAMELESS)
def sweep_nameless(task: Task) -> None:
    with speaking_to_the_bucket():
        actions.sweep_nameless()

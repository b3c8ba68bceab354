"""What becomes of jar tags: made, printed blank, claimed, put on a jar, given another code, given up."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from batches import actions as batch_actions
from batches.actions import BatchIsArchived
from batches.models import Batch
from batches.signals import Change, What
from batches.stages import Stage, Status
from tags.codes import new_code
from tags.models import JarTag

MOST_TAGS = 200
MOST_BLANKS = 480
SWEPT_AT_ONCE = 1_000
EDITABLE = frozenset({"name", "batch"})


class NoSuchTag(ValidationError):
    """Unknown, or somebody else's: one as the other."""

    def __init__(self) -> None:
        super().__init__(
            {"code": ValidationError(_("There is no blank tag with this code."), code="no_such_tag")}
        )


class TooManyTags(ValidationError):
    def __init__(self) -> None:
        sentence = _("At most %(most)s tags. Give one up first.")
        super().__init__(sentence, code="too_many", params={"most": MOST_TAGS})


class TooManyBlanks(ValidationError):
    def __init__(self) -> None:
        sentence = _("At most %(most)s blank tags wait for a jar. Use those that are printed first.")
        super().__init__(sentence, code="too_many_blanks", params={"most": MOST_BLANKS})


class NotInAJar(ValidationError):
    def __init__(self) -> None:
        sentence = _("It is in bottles already, and a tag is on a jar.")
        super().__init__({"batch": ValidationError(sentence, code="not_in_a_jar")})


@transaction.atomic
def make(*, owner: User, now: datetime, name: str = "", batch: Batch | None = None) -> JarTag:
    """A tag that is somebody's from the first."""
    refuse_another(owner)
    tag = JarTag(made_at=now)
    return take(tag, owner=owner, now=now, name=name, batch=batch)


@transaction.atomic
def claim(*, code: str, owner: User, now: datetime, name: str = "", batch: Batch | None = None) -> JarTag:
    """Whoever scans a blank one first has it; scanned twice it is claimed once."""
    if mine := JarTag.objects.of(owner).filter(code=code).first():
        return mine
    refuse_another(owner)
    tag = JarTag.objects.unclaimed().select_for_update().filter(code=code).first()
    if tag is None:
        raise NoSuchTag
    return take(tag, owner=owner, now=now, name=name, batch=batch)


def refuse_another(owner: User) -> None:
    """Two at once count one after the other."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if JarTag.objects.of(owner).count() >= MOST_TAGS:
        raise TooManyTags


def take(tag: JarTag, *, owner: User, now: datetime, name: str, batch: Batch | None) -> JarTag:
    tag.owner, tag.claimed_at = owner, now
    tag.name = name.strip() or _("Jar %(number)s") % {"number": JarTag.objects.of(owner).count() + 1}
    change(tag, {"batch": batch and batch_actions.locked(batch)}, now=now)
    return tag


@transaction.atomic
def edit(*, tag: JarTag, now: datetime, **changes: Any) -> JarTag:
    """Another name; another batch in the jar, or none."""
    batch_actions.refuse_unknown(changes, EDITABLE)
    # The batch before the tag, as when a jar is bottled.
    if changes.get("batch"):
        changes["batch"] = batch_actions.locked(changes["batch"])
    tag = locked(tag)
    change(tag, changes, now=now)
    return tag


def change(tag: JarTag, changes: dict[str, Any], *, now: datetime) -> None:
    before = tag.batch
    for field, value in changes.items():
        setattr(tag, field, value)
    if tag.batch and tag.batch != before:
        refuse_unless_in_a_jar(tag.batch)
    if before and tag.batch != before:
        tag.last_batch, tag.emptied_at = before, now
    tag.full_clean(exclude=["owner", "batch", "last_batch", "printed_by"], validate_unique=False)
    tag.save()


def refuse_unless_in_a_jar(batch: Batch) -> None:
    if batch.is_archived:
        raise BatchIsArchived
    if batch.stage != Stage.OPEN:
        raise NotInAJar


@transaction.atomic
def start_in(*, tag: JarTag, now: datetime, parent: Batch | None = None, **filled: Any) -> Batch:
    """The next batch, in this jar."""
    owner = tag.owner
    assert owner is not None  # noqa: S101 doors show a tag to its owner alone
    if parent is None:
        batch = batch_actions.start(owner=owner, now=now, **filled)
    else:
        batch = batch_actions.brew_again(batch=parent, owner=owner, now=now, **filled)
    edit(tag=tag, batch=batch, now=now)
    return batch


@transaction.atomic
def renew(*, tag: JarTag) -> JarTag:
    """Another code; whoever has the old one has nothing."""
    tag = locked(tag)
    tag.code = new_code()
    tag.full_clean(exclude=["owner", "batch", "last_batch", "printed_by"])
    tag.save(update_fields=["code"])
    return tag


@transaction.atomic
def give_up(*, tag: JarTag) -> None:
    """Its code is nobody's any more, and means nothing; what is in the jar stays."""
    locked(tag).delete()


@transaction.atomic
def print_blanks(*, user: User, number: int, now: datetime) -> list[JarTag]:
    """So many that are nobody's yet, for whoever gets the paper."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if JarTag.objects.blank_of(user).count() + number > MOST_BLANKS:
        raise TooManyBlanks
    return JarTag.objects.bulk_create([JarTag(printed_by=user, made_at=now) for _number in range(number)])


def sweep(*, now: datetime) -> int:
    """What was printed a year ago and never scanned; says how many went."""
    some = JarTag.objects.never_claimed(now).values("pk")[:SWEPT_AT_ONCE]
    return JarTag.objects.unclaimed().filter(pk__in=some).delete()[0]


def locked(tag: JarTag) -> JarTag:
    return JarTag.objects.select_for_update(of=("self",)).select_related("batch", "owner").get(pk=tag.pk)


def follow(*, batch: Batch, change: Change, **_rest: Any) -> None:
    """Bottled or put away, it leaves its jar; the next one, started in the same breath, takes its place."""
    match change.what:
        case What.STARTED if batch.parent_id and batch.stage == Stage.OPEN:
            emptied = JarTag.objects.filter(last_batch_id=batch.parent_id, batch=None, emptied_at=change.now)
            emptied.update(batch=batch)
        case What.RESTORED if batch.stage == Stage.OPEN and batch.status != Status.READY:
            JarTag.objects.filter(last_batch=batch, batch=None).update(batch=batch)
        case What.MOVED | What.ARCHIVED if batch.is_archived or batch.stage != Stage.OPEN:
            left = JarTag.objects.filter(batch=batch)
            left.update(batch=None, last_batch=batch, emptied_at=change.now)
        case What.TAKEN_BACK if JarTag.objects.filter(batch=batch, pk__in=change.again).exists():
            refuse_unless_in_a_jar(batch)

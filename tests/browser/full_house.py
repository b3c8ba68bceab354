"""A keeper who has one of everything, for whoever looks at pages: the week of a trial, and what it lacks."""

from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from accounts import access
from accounts.models import User
from batches import actions as batches
from batches import grains
from batches.cultures import BottleKind, Culture
from batches.grain_models import Grains
from batches.models import Batch
from batches.stages import Stage, Status
from events.models import Photo
from hooks import actions as hooks
from hooks.models import Endpoint
from reminders import actions as reminders
from reminders import demo_pictures, demo_week
from reminders.models import Reminder
from sensors.models import Sensor
from tags import actions as tags
from tags import orders
from tags.models import JarTag, LabelSheet
from takeout import imports
from takeout.models import Import
from tests.factories import make_user
from tests.tokens import tokens_of
from tests.work.jobs import run_jobs

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TABLE = b"name,culture,started\nFig and lemon,water kefir,2026-03-01\nGinger,water kefir,2026-03-04\n"


def keeper_of_everything(*, now: datetime, email: str = "keeper@example.com") -> User:
    keeper = make_user(email, name="Ada", welcomed_at=now, timezone="Europe/Berlin")
    demo_week.fill(keeper=keeper, now=now)
    batches.share(batch=at_work(keeper), now=now, public_note="Our house kefir. Ask me for grains!")
    forgotten(keeper, now)
    kept = grains.keep(owner=keeper, now=now - 30 * DAY, name="Granny's grains", grams=80)
    for days, grams in ((20, 95), (9, 110), (2, 124)):
        grains.weigh(grains=kept, grams=grams, now=now - days * DAY)
    access.make_token(user=keeper, name="Kitchen display", scope="read", now=now)
    tags.make(owner=keeper, now=now, name="The tall one", batch=at_work(keeper))
    tags.make(owner=keeper, now=now, name="The small one")
    tags.print_blanks(user=keeper, number=8, now=now)
    orders.order(owner=keeper, batches=list(Batch.objects.of(keeper)[:4]), copies=3, now=now)
    imports.bring(user=keeper, kind="table", body=TABLE, filename="diary.csv", now=now)
    hangs_pictures(keeper, now)
    run_jobs()
    # Last, so that nothing in here asks for an address of the world outside.
    hooks.add(user=keeper, now=now, url="https://home.example.com/hooks/kefir")
    return keeper


def careful_one(email: str = "careful@example.com") -> User:
    """Signs in with a second step: an app, a key, or one of the codes on paper."""
    careful = make_user(email, name="Grace", timezone="Europe/Berlin")
    TOTP.activate(careful, generate_totp_secret())
    RecoveryCodes.activate(careful)
    Authenticator.objects.create(
        user=careful,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": "The key on my ring", "credential": a_credential()},
    )
    return careful


def a_credential() -> dict[str, Any]:
    """As a browser hands it over when a key is added."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    known = AttestedCredentialData.create(
        bytes(16), b"the key on my ring", ES256.from_cryptography_key(public)
    )
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    made = AuthenticatorData.create(sha256(b"localhost"), flags, 0, known)
    told = CollectedClientData.create(CollectedClientData.TYPE.CREATE, bytes(32), "http://localhost")
    attested = AttestationObject.create("none", made, {})
    name = websafe_encode(known.credential_id)
    answer = {"clientDataJSON": websafe_encode(told), "attestationObject": websafe_encode(attested)}
    return {"id": name, "rawId": name, "type": "public-key", "response": answer}


def at_work(keeper: User) -> Batch:
    found = Batch.objects.of(keeper).filter(stage=Stage.OPEN, status=Status.ACTIVE)
    return found.get(name="Lemon and fig")


def forgotten(keeper: User, now: datetime) -> Batch:
    """Ginger beer in closed bottles that should have been cold since yesterday."""
    started, bottled = now - 4 * DAY, now - 60 * HOUR
    batch = batches.start(
        owner=keeper,
        now=started,
        name="Wild ginger beer",
        culture=Culture.GINGER_BEER,
        water_volume_ml=2000,
        sugar_grams=180,
        temperature_c=26,
    )
    return batches.move(
        batch=batch,
        now=bottled,
        stage=Stage.BOTTLED,
        bottle_count=3,
        bottle_volume_ml=750,
        bottle_kind=BottleKind.SWING_TOP,
        added_sugar_grams=12,
        bottled_temperature_c=26,
    )


def hangs_pictures(keeper: User, now: datetime) -> None:
    demo_pictures.add(at_work(keeper), "jar.jpg", "The figs float.", ago=6 * HOUR, now=now)
    drunk = Batch.objects.of(keeper).get(status=Status.READY)
    demo_pictures.add(drunk, "glass.jpg", "Lively, and deep red.", ago=4 * DAY, now=now)


def sent_reminder(keeper: User, now: datetime) -> Reminder:
    wanted = {"due_at": now + HOUR, "message": "Taste it: is it still too sweet?"}
    [reminder] = reminders.confirm(batch=at_work(keeper), reminders=[wanted], now=now)
    return reminder


def things_of(keeper: User, *, now: datetime) -> dict[str, Any]:
    """What stands in the addresses of their pages; a new place in an address is added here."""
    theirs = Batch.objects.of(keeper)
    jar, tag = at_work(keeper), keeper.jar_tags.get(name="The tall one")
    careful = careful_one()
    reminder = sent_reminder(keeper, now)
    return {
        "keeper": keeper,
        "careful": careful,
        "pk": Authenticator.objects.get(user=careful, type=Authenticator.Type.WEBAUTHN).pk,
        "batch_id": jar.pk,
        "bottled_id": theirs.get(name__contains="Raspberry").pk,
        "danger_id": theirs.get(name="Wild ginger beer").pk,
        "cold_id": theirs.get(status=Status.IN_FRIDGE).pk,
        "drunk_id": theirs.get(status=Status.READY).pk,
        "code": tag.code,
        "tag_id": tag.pk,
        "empty_code": keeper.jar_tags.get(name="The small one").code,
        "blank_code": JarTag.objects.unclaimed().filter(printed_by=keeper).first().code,
        "event_id": jar.events.filter(kind="observation").first().pk,
        "photo_id": Photo.objects.filter(batch=jar).first().pk,
        "grains_id": Grains.objects.of(keeper).get().pk,
        "sensor_id": Sensor.objects.of(keeper).first().pk,
        "endpoint_id": Endpoint.objects.of(keeper).get().pk,
        "sheet_id": LabelSheet.objects.of(keeper).get().pk,
        "import_id": Import.objects.of(keeper).get().pk,
        "token": tokens_of(reminder)["/r/<str:token>"]["token"],
        "unsubscribe": tokens_of(reminder)["/unsubscribe/<str:token>"]["token"],
    }

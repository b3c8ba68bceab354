"""What happens to an account, and when a proof of who somebody is counts."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import access, codes, devices
from accounts.models import MAX_GUESSES, AnsweredRequest, Challenge, Invitation, KnownDevice, SignIn, User
from kefir import languages

logger = logging.getLogger("accounts")

CODE_LASTS = timedelta(minutes=5)
IDLE_LASTS = timedelta(days=30)
SIGN_IN_LASTS = timedelta(days=90)
# An app that asks twice at once is clumsy, not robbed; an old token that comes later has been copied.
CLUMSY_FOR = timedelta(seconds=10)
# To think it over, and for whoever finds that somebody else has asked.
ERASED_AFTER = timedelta(days=1)
PROFILE = {
    "name", "language", "timezone", "temperature_unit", "volume_unit", "ph_by",
    "quiet_from", "quiet_until", "push_on", "email_when", "nag_every", "paused_until",
    "usual_culture", "room_temperature_c",
}  # fmt: skip


class WrongCode(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("The code is wrong or has expired. Ask for a new one."), code="invalid_code")


class TooManyGuesses(ValidationError):
    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(_("Too many wrong codes. Ask for a new one."), code="too_many_guesses")


class StaleToken(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("Sign in again."), code="invalid_refresh_token")


class AddressTaken(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("There is an account with this e-mail address already."), code="unique")


class AccountExists(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("There is an account with this e-mail address already."), code="account_exists")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What leaves after a question was asked: the token to whoever asked, the code to the mailbox."""

    token: str
    code: str


# --- proofs -------------------------------------------------------------------------------------------------


def ask(
    *,
    purpose: Challenge.Purpose,
    email: str,
    now: datetime,
    user: User | None = None,
    may_succeed: bool = True,
) -> Asked:
    """Ask for a code. Where it may not succeed, the same is done and kept, only that no code will fit."""
    asked = Asked(token=codes.new_token(), code=codes.new_code())
    Challenge.objects.create(
        purpose=purpose,
        token_hash=codes.keyed(asked.token),
        code_hash=codes.keyed(asked.token, asked.code) if may_succeed else "",
        email=email,
        user=user,
        created_at=now,
        expires_at=now + CODE_LASTS,
    )
    return asked


def answer(*, purpose: Challenge.Purpose, token: str, email: str, code: str, now: datetime) -> Challenge:
    """Judge a mailed code. Raises WrongCode or TooManyGuesses; a code counts once."""
    challenge = take_guess(purpose=purpose, token=token, now=now)
    right = codes.fits(challenge.code_hash, token, codes.as_typed(code)) and challenge.email == email
    if not right or not use_up(challenge=challenge, now=now):
        raise WrongCode
    return challenge


def take_guess(*, purpose: Challenge.Purpose, token: str, now: datetime) -> Challenge:
    """Count first, judge after: one conditional UPDATE, committed by itself, so that no race adds a guess."""
    asked = Challenge.objects.pending(now).filter(purpose=purpose, token_hash=codes.keyed(token))
    counted = asked.filter(guesses__lt=MAX_GUESSES).update(guesses=F("guesses") + 1)
    challenge = asked.select_related("user").first()
    if challenge is None:
        raise WrongCode
    if not counted:
        raise TooManyGuesses(seconds=max(1, round((challenge.expires_at - now).total_seconds())))
    return challenge


def use_up(*, challenge: Challenge, now: datetime) -> bool:
    """True for exactly one of those who come with the right code at once."""
    return bool(Challenge.objects.filter(pk=challenge.pk, used_at=None).update(used_at=now))


# --- accounts -----------------------------------------------------------------------------------------------


def may_register(*, email: str, now: datetime) -> bool:
    invited = Invitation.objects.open(now).filter(email=email).exists()
    return settings.REGISTRATION == "open" or (settings.REGISTRATION == "invite" and invited)


@transaction.atomic
def account_of(*, email: str, now: datetime) -> User:
    """The account of somebody who has proved that the address is theirs; a new one if they may have one."""
    user = User.objects.filter(email=email).first()
    if user and user.is_active:
        return confirm_address(user=user)
    if user or not may_register(email=email, now=now):
        raise WrongCode
    return confirm_address(user=register(email=email, now=now))


def register(*, email: str, now: datetime) -> User:
    """Two who prove the same new address at once get one account."""
    spoken = languages.known(get_language() or "")
    user, created = User.objects.get_or_create(email=email, defaults={"language": spoken})
    if created:
        accept_invitation(user=user, now=now)
        logger.info("An account was opened", extra={"user": str(user.pk)})
    return user


def accept_invitation(*, user: User, now: datetime) -> None:
    Invitation.objects.filter(email=user.email, accepted_at=None).update(accepted_at=now)


def confirm_address(*, user: User) -> User:
    """allauth keeps addresses in rows of its own; accounts made by staff or a command lack one."""
    devices.trust_email(user=user)
    theirs = EmailAddress.objects.filter(user=user)
    if not theirs.filter(email=user.email, verified=True, primary=True).exists():
        theirs.exclude(email=user.email).update(primary=False)
        theirs.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return user


@transaction.atomic
def edit_profile(*, user: User, **changes: Any) -> User:
    if unknown := changes.keys() - PROFILE:
        raise TypeError(f"cannot edit {unknown}")
    user = User.objects.select_for_update().get(pk=user.pk)
    for field, value in changes.items():
        setattr(user, field, value)
    user.full_clean(exclude=["password"])
    user.save(update_fields=list(changes))
    return user


@transaction.atomic
def settle_in(*, user: User, now: datetime, **said: Any) -> User:
    """They have been asked about their kitchen; what they said is their profile's."""
    if said:
        user = edit_profile(user=user, **said)
    User.objects.filter(pk=user.pk, welcomed_at=None).update(welcomed_at=now)
    return user


def adopt_guesses(*, user: User, guesses: dict[str, str]) -> None:
    """What the browser says of zone and units helps a new profile; it never overrules its owner."""
    if not user.has_its_defaults():
        return
    try:
        edit_profile(user=user, **{field: value for field, value in guesses.items() if value})
    except ValidationError:
        return


@transaction.atomic
def change_email(*, user: User, email: str) -> User:
    user = User.objects.select_for_update().get(pk=user.pk)
    if User.objects.filter(email=email).exclude(pk=user.pk).exists():
        raise AddressTaken
    EmailAddress.objects.filter(user=user).delete()
    user.email = email
    user.full_clean(exclude=["password"])
    user.save(update_fields=["email"])
    confirm_address(user=user)
    logger.info("An e-mail address was changed", extra={"user": str(user.pk)})
    return user


@transaction.atomic
def ask_to_erase(*, user: User, now: datetime) -> bool:
    """In a day everything of theirs goes; until then it is there and nothing goes out. False: it was asked before."""
    user = User.objects.select_for_update().get(pk=user.pk)
    end_all_sessions(user=user)
    if user.is_leaving:
        return False
    user.erase_at = now + ERASED_AFTER
    user.save(update_fields=["erase_at"])
    logger.info("An account is to be erased", extra={"user": str(user.pk)})
    return True


@transaction.atomic
def keep_account(*, user: User) -> User:
    """They have thought better of it. Nothing has happened to what is theirs; they sign in anew everywhere."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_leaving:
        user.erase_at = None
        user.save(update_fields=["erase_at"])
        logger.info("An account is kept", extra={"user": str(user.pk)})
    return user


@transaction.atomic
def erase(*, user: User) -> None:
    """Everything of theirs goes, there and then: the rest of their rows hang on the account and fall with it."""
    user = User.objects.select_for_update().get(pk=user.pk)
    end_all_sessions(user=user)
    Challenge.objects.filter(email=user.email).delete()
    Invitation.objects.filter(email=user.email).delete()
    logger.info("An account was erased", extra={"user": str(user.pk)})
    user.delete()


@transaction.atomic
def deactivate(*, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    end_all_sessions(user=user)
    logger.info("An account was deactivated", extra={"user": str(user.pk)})


@transaction.atomic
def reactivate(*, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=True)
    logger.info("An account was reactivated", extra={"user": str(user.pk)})


@transaction.atomic
def make_admin(*, email: str) -> User:
    """Only a new account: nobody becomes staff by a typing mistake."""
    if User.objects.filter(email=email.lower()).exists():
        raise AccountExists
    return confirm_address(user=User.objects.create_superuser(email))


@transaction.atomic
def invite(*, email: str, invited_by: User | None, now: datetime) -> Invitation:
    """Invite an address, or again one whose invitation has run out."""
    Invitation.objects.expired(now).filter(email=email.lower()).delete()
    invitation = Invitation(email=email.lower(), invited_by=invited_by, created_at=now)
    invitation.full_clean()
    invitation.save()
    return invitation


# --- sessions -----------------------------------------------------------------------------------------------


@transaction.atomic
def open_app_session(*, user: User, address: str, user_agent: str, now: datetime) -> SignIn:
    """Sign the app in. Its session is one of Django's: the list of devices shows it and can end it."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    UserSession.objects.create(
        user=user, session_key=store.session_key, ip=address, user_agent=user_agent[:200]
    )
    User.objects.filter(pk=user.pk).update(last_login=now)
    return begin_sign_in(user=user, session_key=str(store.session_key), now=now)


def begin_sign_in(*, user: User, session_key: str, now: datetime) -> SignIn:
    return SignIn.objects.create(
        user=user,
        session_key=session_key,
        created_at=now,
        idle_until=now + IDLE_LASTS,
        ends_at=now + SIGN_IN_LASTS,
    )


def refresh(*, sign_in_id: UUID, refresh_id: UUID, now: datetime) -> SignIn:
    """Replace a refresh token by its successor, or raise StaleToken: exactly one of many at once succeeds."""
    sign_in = _turn(sign_in_id=sign_in_id, refresh_id=refresh_id, now=now)
    if sign_in is None:
        raise StaleToken
    return sign_in


@transaction.atomic
def _turn(*, sign_in_id: UUID, refresh_id: UUID, now: datetime) -> SignIn | None:
    sign_in = SignIn.objects.alive(now).select_for_update(of=("self",)).filter(pk=sign_in_id).first()
    if sign_in and sign_in.refresh_id == refresh_id:
        return _rotate(sign_in, now=now)
    if sign_in and not sign_in.was_just_replaced(refresh_id, within=CLUMSY_FOR, now=now):
        logger.warning(
            "An old refresh token came back: its sign-in ends", extra={"user": str(sign_in.user_id)}
        )
        end_session(session_key=sign_in.session_key)
    return None


def _rotate(sign_in: SignIn, *, now: datetime) -> SignIn:
    sign_in.replaced_id, sign_in.replaced_at = sign_in.refresh_id, now
    sign_in.refresh_id = uuid4()
    sign_in.idle_until = min(now + IDLE_LASTS, sign_in.ends_at)
    sign_in.save()
    Session.objects.filter(session_key=sign_in.session_key).update(expire_date=sign_in.idle_until)
    UserSession.objects.filter(session_key=sign_in.session_key).update(last_seen_at=now)
    return sign_in


@transaction.atomic
def end_session(*, session_key: str) -> None:
    """A browser's or the app's: signed out, and every token of it void."""
    _end(Q(session_key=session_key))


@transaction.atomic
def end_all_sessions(*, user: User, but: str | None = None) -> int:
    """End every session of a person but the one they sit at, and say how many. What scripts hold ends too."""
    access.revoke_all_tokens(user=user)
    keys = set(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    keys |= set(SignIn.objects.filter(user=user).values_list("session_key", flat=True))
    keys.discard(but or "")
    _end(Q(session_key__in=keys))
    return len(keys)


def _end(which: Q) -> None:
    SignIn.objects.filter(which).delete()
    UserSession.objects.filter(which).delete()
    Session.objects.filter(which).delete()


@transaction.atomic
def recognise(*, user: User, fingerprint: str, now: datetime) -> bool:
    """Remember a device. True if it is new while others are known: then its owner should hear of it."""
    _, is_new = KnownDevice.objects.get_or_create(
        user=user, fingerprint=codes.keyed(fingerprint), defaults={"first_seen_at": now}
    )
    return is_new and KnownDevice.objects.filter(user=user).count() > 1


def sweep(*, now: datetime, answers_kept_for: timedelta) -> None:
    """Take away what has run out and would only lie about."""
    AnsweredRequest.objects.filter(created_at__lt=now - answers_kept_for).delete()
    Challenge.objects.filter(expires_at__lt=now - timedelta(hours=1)).delete()
    Invitation.objects.expired(now).delete()
    access.forget_what_is_over(now=now)
    SignIn.objects.exclude(pk__in=SignIn.objects.alive(now).values("pk")).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()

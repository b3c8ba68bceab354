"""The API's doors: sign in by code, tokens, one's own profile and devices."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from accounts import access, actions, devices, flows, mail, switches, tokens
from accounts.idempotency import idempotent, idempotent_with_secret
from accounts.models import AccessToken, Device, SignIn, User
from accounts.requests import SignedInApiRequest
from accounts.scopes import SIGN_IN
from accounts.serializers import (
    AccessTokenWire,
    DeviceWire,
    LoginAnswer,
    LoginBody,
    MadeAccessToken,
    Me,
    NewAccessToken,
    NewDevice,
    RefreshBody,
    SecondStepBody,
    TokensAnswer,
    VerifyBody,
)
from kefir import limits
from kefir.api.parameters import KnownParameters
from kefir.api.problems import Problem
from kefir.api.schema import ProblemBody

MFA_REQUIRED = OpenApiResponse(
    ProblemBody, "`mfa_required`: go on with /auth/verify-mfa; `session` and `types` say how."
)


class Open(APIView):
    """Signing in needs no sign-in, and a stale one must not stand in its way."""

    authentication_classes = ()
    permission_classes = (KnownParameters,)


class Login(Open):
    @extend_schema(request=LoginBody, responses={202: LoginAnswer}, auth=[])
    def post(self, request: Request) -> Response:
        """Mail a code. A known and an unknown address get the same answer."""
        body = parsed(LoginBody(data=request.data))
        with problems():
            token = flows.mail_sign_in_code(**body, client=client(request), now=timezone.now())
        seconds = int(actions.CODE_LASTS.total_seconds())
        return Response(LoginAnswer({"session": token, "expires_in": seconds}).data, status=202)


class Verify(Open):
    @extend_schema(request=VerifyBody, responses={200: TokensAnswer, 401: MFA_REQUIRED}, auth=[])
    def post(self, request: Request) -> Response:
        """Sign in with the mailed code; an account is opened if there is none."""
        body = parsed(VerifyBody(data=request.data))
        now = timezone.now()
        with problems():
            user = flows.prove_sign_in(
                token=body["session"], email=body["email"], code=body["code"], client=client(request), now=now
            )
            flows.demand_second_step(user=user, now=now)
        return signed_in(request, user)


class VerifySecondStep(Open):
    @extend_schema(request=SecondStepBody, responses={200: TokensAnswer}, auth=[])
    def post(self, request: Request) -> Response:
        """Finish a sign-in with the code of an authenticator app, or a recovery code."""
        body = parsed(SecondStepBody(data=request.data))
        with problems():
            user = flows.prove_second_step(
                token=body["session"], code=body["code"], client=client(request), now=timezone.now()
            )
        return signed_in(request, user)


class Refresh(Open):
    @extend_schema(request=RefreshBody, responses={200: TokensAnswer}, auth=[])
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for a new pair. Each works once; used again, it ends the sign-in."""
        body = parsed(RefreshBody(data=request.data))
        with problems():
            pair = tokens.refresh(body["refresh_token"], now=timezone.now())
        return Response(TokensAnswer(pair).data)


class Logout(Open):
    @extend_schema(request=RefreshBody, responses={204: None}, auth=[])
    def post(self, request: Request) -> Response:
        """End the sign-in that a refresh token belongs to, with all its tokens.

        Its device still gets push messages until it is removed: DELETE /me/devices/{deviceId} first.
        """
        tokens.sign_out(parsed(RefreshBody(data=request.data))["refresh_token"])
        return Response(status=204)


class Myself(APIView):
    scopes = {"DELETE": SIGN_IN}

    @extend_schema(responses=Me)
    def get(self, request: SignedInApiRequest) -> Response:
        return Response(Me(request.user).data)

    @extend_schema(request=Me, responses=Me)
    def patch(self, request: SignedInApiRequest) -> Response:
        changes = parsed(Me(request.user, data=request.data, partial=True))
        return Response(Me(switches.edit(user=request.user, now=timezone.now(), **changes)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: SignedInApiRequest) -> Response:
        """Erase the account and everything in it, for good, a day from now.

        Every session and token ends at once, and nothing goes out any more. Whoever signs in again within the
        day can still keep it: POST /me/keep.
        """
        flows.ask_to_erase(user=request.user, now=timezone.now())
        return Response(status=204)


class Keep(APIView):
    scopes = {"POST": SIGN_IN}

    @extend_schema(summary="Do not erase my account after all", request=None, responses=Me)
    def post(self, request: SignedInApiRequest) -> Response:
        return Response(Me(actions.keep_account(user=request.user)).data)


class AccessTokens(ListAPIView[AccessToken]):
    request: SignedInApiRequest
    serializer_class = AccessTokenWire
    scopes = {"GET": SIGN_IN, "POST": SIGN_IN}

    def get_queryset(self) -> QuerySet[AccessToken]:
        return AccessToken.objects.of(self.request.user)

    @extend_schema(summary="My access tokens for scripts, newest first")
    def get(self, request: Request) -> Response:
        return super().get(request)

    @extend_schema(summary="Make an access token", request=NewAccessToken, responses={201: MadeAccessToken})
    @idempotent_with_secret
    def post(self, request: SignedInApiRequest) -> Response:
        """For a script: it goes where the app's access token goes, and lasts until it is revoked or runs out.

        `read` may read everything; `log` may also write down what happened (events, photos, reminders done,
        skipped or put off); `all` everything but the account itself, its tokens, and archives out or in.
        Wants a sign-in of the last quarter of an hour.
        """
        now = timezone.now()
        refuse_stale(request, now=now)
        body = parsed(NewAccessToken(data=request.data))
        token, secret = flows.make_token(user=request.user, now=now, **body)
        token.secret = secret  # type: ignore[attr-defined]
        return Response(MadeAccessToken(token).data, status=201)


class OneAccessToken(APIView):
    scopes = {"DELETE": SIGN_IN}

    @extend_schema(summary="Revoke an access token", responses={204: None})
    def delete(self, request: SignedInApiRequest, token_id: UUID) -> Response:
        if not access.revoke_token(user=request.user, token_id=token_id):
            raise Http404
        return Response(status=204)


class Devices(ListAPIView[Device]):
    request: SignedInApiRequest
    serializer_class = DeviceWire
    ordering = ("-last_seen_at", "-id")

    def get_queryset(self) -> QuerySet[Device]:
        return Device.objects.filter(user=self.request.user.pk)

    @extend_schema(summary="My devices, last seen first")
    def get(self, request: Request) -> Response:
        return super().get(request)

    @extend_schema(
        summary="Register a device, or what has changed of it",
        request=NewDevice,
        responses={201: DeviceWire, 200: DeviceWire},
    )
    @idempotent
    def post(self, request: SignedInApiRequest) -> Response:
        """Call it at each start of the app. A push token that somebody else had registered moves here.

        Without a token (or a browser's subscription) the device is known and gets no push messages.
        """
        body = parsed(NewDevice(data=request.data))
        given = {field: value for field, value in body.items() if value is not None}
        device, is_new = devices.register_device(user=request.user, now=timezone.now(), **given)
        return Response(DeviceWire(device).data, status=201 if is_new else 200)


class OneDevice(APIView):
    @extend_schema(summary="Remove a device: no more push messages to it", responses={204: None})
    def delete(self, request: SignedInApiRequest, device_id: str) -> Response:
        if not devices.remove_device(user=request.user, device_id=device_id):
            raise Http404
        return Response(status=204)


def parsed(serializer: BaseSerializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    body: dict[str, Any] = serializer.validated_data
    return body


def refuse_stale(request: Request, *, now: datetime) -> None:
    """As the page does: what stays must not be made by whoever found the phone."""
    began_at = request.auth.created_at if isinstance(request.auth, SignIn) else None
    if not flows.is_fresh(request._request, now=now, began_at=began_at):
        raise Problem(403, "not_fresh", _("Sign in again, then try once more within a quarter of an hour."))


def client(request: Request) -> str:
    return flows.client_of(request._request)


def signed_in(request: Request, user: User) -> Response:
    now = timezone.now()
    user_agent = flows.user_agent_of(request._request)
    sign_in = flows.sign_in_app(user=user, client=client(request), user_agent=user_agent, now=now)
    return Response(TokensAnswer(tokens.pair(sign_in, now=now)).data)


@contextmanager
def problems() -> Iterator[None]:
    """What can stop a sign-in, with the status and code that the contract names."""
    try:
        yield
    except actions.WrongCode as refusal:
        raise Problem(400, "invalid_code", str(refusal.message)) from refusal
    except actions.TooManyGuesses as refusal:
        raise Problem(429, "too_many_guesses", str(refusal.message), retry_after=refusal.seconds) from refusal
    except limits.TooOften as refusal:
        raise Problem(429, "rate_limited", str(refusal), retry_after=refusal.seconds) from refusal
    except flows.SecondStepNeeded as step:
        raise Problem(401, "mfa_required", str(step), session=step.token, types=step.types) from step
    except actions.StaleToken as refusal:
        raise Problem(401, "invalid_refresh_token", str(refusal.message)) from refusal
    except (limits.Unavailable, mail.MailNotSent) as failure:
        raise Problem(
            503, "unavailable", _("Signing in does not work just now. Try again in a minute."), retry_after=60
        ) from failure

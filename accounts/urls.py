"""Only what a site without passwords needs. allauth's own code, password and sign-up routes stay unmounted:
they count guesses in the session, or would let in by another door. A test walks the map for them.
"""

from allauth.account import views as allauth_account
from allauth.headless.constants import Client
from allauth.headless.mfa.views import AuthenticateView
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from allauth.urls import build_provider_urlpatterns
from django.urls import include, path
from django.views.generic import RedirectView

from accounts import language_views, views
from accounts.doors import fresh, or_not_now
from accounts.social import SafeProviderTokenView

second_step = [
    path("", mfa.index, name="mfa_index"),
    path("authenticate/", or_not_now(mfa.authenticate), name="mfa_authenticate"),
    path("reauthenticate/", or_not_now(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("totp/activate/", fresh(or_not_now(totp.activate_totp)), name="mfa_activate_totp"),
    path("totp/deactivate/", fresh(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("recovery-codes/", fresh(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "recovery-codes/generate/",
        fresh(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "recovery-codes/download/",
        fresh(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("webauthn/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("webauthn/add/", fresh(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("webauthn/login/", or_not_now(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path(
        "webauthn/reauthenticate/",
        or_not_now(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("webauthn/keys/<int:pk>/remove/", fresh(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("webauthn/keys/<int:pk>/edit/", fresh(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
]

# After a sign-in with a provider's token; the same tokens come back in `meta`.
app = [
    path("auth/provider/token", SafeProviderTokenView.as_api_view(client=Client.APP), name="provider_token"),
    path("auth/2fa/authenticate", AuthenticateView.as_api_view(client=Client.APP), name="mfa_authenticate"),
]

urlpatterns = [
    path("accounts/login/", views.sign_in, name="account_login"),
    path("accounts/login/code/", views.sign_in_code, name="account_confirm_login_code"),
    path(
        "accounts/signup/",
        RedirectView.as_view(pattern_name="account_login", query_string=True),
        name="account_signup",
    ),
    path("accounts/logout/", views.sign_out, name="account_logout"),
    path("accounts/still-you/", views.still_you, name="account_reauthenticate"),
    # For an address that a provider gives without vouching for it.
    path(
        "accounts/confirm-email/",
        allauth_account.email_verification_sent,
        name="account_email_verification_sent",
    ),
    path("accounts/2fa/", include(second_step)),
    path("accounts/sessions/", views.sessions, name="usersessions_list"),
    path("accounts/sessions/<int:pk>/end/", views.end_session, name="end-session"),
    path("accounts/sessions/end-others/", views.end_other_sessions, name="end-other-sessions"),
    path("accounts/3rdparty/", fresh(social.connections), name="socialaccount_connections"),
    path("accounts/3rdparty/signup/", social.signup, name="socialaccount_signup"),
    path("accounts/3rdparty/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("accounts/3rdparty/error/", social.login_error, name="socialaccount_login_error"),
    path("accounts/", include(build_provider_urlpatterns())),
    path("language/", language_views.language, name="language"),
    path("settings/", views.settings, name="settings"),
    path("settings/email/", views.new_email, name="account_email"),
    path("settings/email/code/", views.new_email_code, name="new-email-code"),
    path("settings/email/mend/", views.mend_email, name="mend-email"),
    path("settings/reminders/", views.reminder_settings, name="reminder-settings"),
    path("settings/reminders/pause/", views.pause, name="pause-reminders"),
    path("settings/reminders/resume/", views.resume, name="resume-reminders"),
    path("settings/devices/<int:device_pk>/remove/", views.remove_device, name="remove-device"),
    path("settings/calendar/renew/", views.renew_calendar, name="renew-calendar"),
    path("settings/calendar/stop/", views.stop_calendar, name="stop-calendar"),
    path("settings/tokens/", views.access_tokens, name="access-tokens"),
    path("settings/tokens/<uuid:token_id>/revoke/", views.revoke_token, name="revoke-token"),
    path("settings/erase/", views.erase, name="erase"),
    path("settings/erase/keep/", views.keep_account, name="keep-account"),
    path("_allauth/app/v1/", include((app, "headless"), namespace="headless")),
]

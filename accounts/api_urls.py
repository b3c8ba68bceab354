from django.urls import path

from accounts import api

urlpatterns = [
    path("auth/login", api.Login.as_view()),
    path("auth/verify", api.Verify.as_view()),
    path("auth/verify-mfa", api.VerifySecondStep.as_view()),
    path("auth/refresh", api.Refresh.as_view()),
    path("auth/logout", api.Logout.as_view()),
    path("me", api.Myself.as_view()),
    path("me/keep", api.Keep.as_view()),
    path("me/tokens", api.AccessTokens.as_view()),
    path("me/tokens/<uuid:token_id>", api.OneAccessToken.as_view()),
    path("me/devices", api.Devices.as_view()),
    path("me/devices/<device:device_id>", api.OneDevice.as_view()),
]

"""What a phone asks to know whether the installed app may open the address on a jar."""

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse


def apple(request: HttpRequest) -> JsonResponse:
    if not settings.IOS_APP_IDS:
        raise Http404
    paths = [{"/": "/b/*"}, {"/": "/B/*"}, {"/": "/j/*"}, {"/": "/J/*"}, {"/": "/r/*"}]
    details = [{"appIDs": settings.IOS_APP_IDS, "components": paths}]
    credentials = {"apps": settings.IOS_APP_IDS}
    return JsonResponse({"applinks": {"details": details}, "webcredentials": credentials})


def android(request: HttpRequest) -> JsonResponse:
    if not (settings.ANDROID_PACKAGE and settings.ANDROID_FINGERPRINTS):
        raise Http404
    target = {
        "namespace": "android_app",
        "package_name": settings.ANDROID_PACKAGE,
        "sha256_cert_fingerprints": settings.ANDROID_FINGERPRINTS,
    }
    relation = ["delegate_permission/common.handle_all_urls", "delegate_permission/common.get_login_creds"]
    return JsonResponse([{"relation": relation, "target": target}], safe=False)

"""What pages ask of the web process when no stream reaches them."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from live.addresses import moment, stream_address
from live.asking import changed_since
from live.changes import told


@require_safe
def stream(request: HttpRequest) -> HttpResponse:
    """Here a stream would hold a thread for hours: the live process has them."""
    sentence = _(
        "Streams are held by the live process. This address must lead there, or pages ask by themselves."
    )
    return HttpResponse(sentence, status=501, content_type="text/plain; charset=utf-8")


@require_safe
def now(request: HttpRequest) -> HttpResponse:
    """What changed since, in a few bytes; and where the stream is by now."""
    if not request.user.is_authenticated:
        return JsonResponse({"code": "not_authenticated"}, status=401)
    since = moment(request.GET.get("since", "")) or timezone.now()
    names, until = changed_since(request.user, since)
    return JsonResponse(told(names, until) | {"stream": stream_address(request.get_host())})

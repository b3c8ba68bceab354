"""What page and API share: everything as one file of CSV, and the way to an archive."""

from django.http import StreamingHttpResponse
from django.utils import timezone

from accounts.requests import SignedInApiRequest, SignedInRequest
from kefir import limits
from takeout import actions
from takeout.models import Export
from takeout.stream import Everything

CSV = "text/csv; charset=utf-8"


def everything_as_csv(request: SignedInRequest | SignedInApiRequest) -> StreamingHttpResponse:
    """Raises BeingExported where it is on its way to them already, and TooOften."""
    day = timezone.now().astimezone(request.user.zone).date()
    return StreamingHttpResponse(
        [] if request.method == "HEAD" else counted(Everything(request.user)),
        content_type=CSV,
        headers={
            "Content-Disposition": f'attachment; filename="kefir-{day}.csv"',
            # A proxy that collects all of it first would undo what streaming is for.
            "X-Accel-Buffering": "no",
        },
    )


def counted(everything: Everything) -> Everything:
    """One that was refused because another is under way is none."""
    if seconds := limits.courtesy("exports", limits.EXPORTS, str(everything.user.pk)):
        everything.close()
        raise limits.TooOften(seconds)
    return everything


def link_to(export: Export) -> str | None:
    return actions.link_to(export) if export.is_there(timezone.now()) else None

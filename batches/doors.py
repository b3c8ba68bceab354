"""What every door onto one batch shares: finding it, or meeting 404 before anything is read."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.requests import SignedInApiRequest
from batches.models import Batch
from batches.undoing import Undoable


def own_batch(request: HttpRequest, batch_id: str) -> Batch:
    return get_object_or_404(Batch.objects.of(request.user), pk=batch_id)


def way_back_from(deed: Undoable[Any]) -> str:
    """Where a toast's Undo posts; nowhere, if nothing was changed."""
    return reverse("batches:undo", args=[deed.undo.pk]) if deed.undo else ""


class OfBatch(APIView):
    """An endpoint below /batches/{id}; a stranger gets 404 before the body is read."""

    request: SignedInApiRequest
    batch: Batch

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.batch = get_object_or_404(Batch.objects.of(request.user), pk=kwargs["batch_id"])

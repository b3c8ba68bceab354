"""What every door onto one batch shares: finding it, or meeting 404 before anything is read."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from accounts.requests import SignedInApiRequest, SignedInRequest
from batches.actions import RECIPE
from batches.forms import StartForm
from batches.identifiers import named
from batches.models import Batch, BatchQuerySet
from batches.undoing import Undoable
from kefir.asked_often import AskedOften, instance


def of_owner(owner: UUID, key: str) -> BatchQuerySet:
    return Batch.objects.of(User(pk=owner)).filter(pk=key)


OWN = AskedOften(of_owner, owner=UUID(int=0), key="?")
HELD = AskedOften(lambda owner, key: of_owner(owner, key).select_for_update(), owner=UUID(int=0), key="?")


def own_batch(request: HttpRequest, batch_id: str) -> Batch:
    row = OWN.ask(owner=request.user.pk, key=batch_id)
    if row is None:
        raise Http404
    return instance(Batch, row)


def recipe_of(batch: Batch | None) -> dict[str, Any]:
    return {field: getattr(batch, field) for field in RECIPE} if batch else {}


def carried_over(request: SignedInRequest) -> dict[str, Any]:
    """What somebody had typed into a StartForm when they chose another jar; not what was filled in for them."""
    if "jar" not in request.POST:
        return {}
    like = Batch.objects.of(request.user).filter(pk=named(request.POST.get("like", ""))).first()
    before = StartForm(initial=recipe_of(like), person=request.user)
    sent = {
        name: field.widget.value_from_datadict(request.POST, request.FILES, name) or ""
        for name, field in before.fields.items()
    }
    return {name: value for name, value in sent.items() if str(value) != str(before[name].value() or "")}


def filled_in(request: SignedInRequest) -> Any:
    """None for whoever only chooses another jar."""
    return None if "jar" in request.POST else request.POST or None


def way_back_from(deed: Undoable[Any]) -> str:
    """Where a toast's Undo posts; nowhere, if nothing was changed."""
    return reverse("batches:undo", args=[deed.undo.pk]) if deed.undo else ""


class OfBatch(APIView):
    """An endpoint below /batches/{id}; a stranger gets 404 before the body is read."""

    request: SignedInApiRequest
    batch: Batch

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.batch = self.found(OWN, kwargs["batch_id"])

    def found(self, question: AskedOften, batch_id: str) -> Batch:
        row = question.ask(owner=self.request.user.pk, key=batch_id)
        if row is None:
            raise Http404
        batch = instance(Batch, row)
        # Whoever asks is at hand; of a batch that somebody else keeps, the owner would be looked up.
        if owner := {self.request.user.pk: self.request.user}.get(batch.owner_id):
            batch.owner = owner
        return batch


class HoldsBatch(OfBatch):
    """One whose POST finds its batch and locks it at once, in the transaction of all that follows."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic():
            answer = super().dispatch(request, *args, **kwargs)
            # What was raised is an answer by now.
            transaction.set_rollback(getattr(answer, "exception", False))
        return answer

    def found(self, question: AskedOften, batch_id: str) -> Batch:
        return super().found(HELD if self.request.method == "POST" else question, batch_id)

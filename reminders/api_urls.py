from django.urls import path

from reminders import api

urlpatterns = [
    path("batches/<batch:batch_id>/reminders", api.RemindersOfBatch.as_view()),
    path("batches/<batch:batch_id>/reminders/suggestions", api.SuggestionsOfBatch.as_view()),
    path("batches/<batch:batch_id>/reminders/confirm", api.Confirm.as_view()),
    path("me/reminders", api.MyReminders.as_view()),
    path("reminders/<uuid:reminder_id>", api.OneReminder.as_view()),
    path("reminders/<uuid:reminder_id>/done", api.Done.as_view()),
    path("reminders/<uuid:reminder_id>/skip", api.Skip.as_view()),
    path("reminders/<uuid:reminder_id>/snooze", api.Snooze.as_view()),
]

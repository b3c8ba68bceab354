from django.urls import path

from reminders import doors, views

app_name = "reminders"
urlpatterns = [
    path("reminders/", views.mine, name="list"),
    path("batches/<batch:batch_id>/reminders", views.plan, name="plan"),
    path("reminders/<uuid:reminder_id>/done", views.done, name="done"),
    path("reminders/<uuid:reminder_id>/skip", views.skip, name="skip"),
    path("reminders/<uuid:reminder_id>/snooze", views.snooze, name="snooze"),
    path("reminders/<uuid:reminder_id>/cancel", views.cancel, name="cancel"),
    path("unsubscribe/<str:token>", doors.no_more_mail, name="unsubscribe"),
]

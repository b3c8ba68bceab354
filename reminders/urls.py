from django.urls import path

from reminders import doors, link_views, reach_views, views
from reminders.labels import DONE, IN_AN_HOUR

app_name = "reminders"
urlpatterns = [
    path("reminders/", views.mine, name="list"),
    path("batches/<batch:batch_id>/reminders", views.plan, name="plan"),
    path("reminders/<uuid:reminder_id>/done", views.done, name="done"),
    path("reminders/<uuid:reminder_id>/skip", views.skip, name="skip"),
    path("reminders/<uuid:reminder_id>/snooze", views.snooze, name="snooze"),
    path("reminders/<uuid:reminder_id>/again", views.again, name="again"),
    path("reminders/<uuid:reminder_id>/cancel", views.cancel, name="cancel"),
    path("r/<str:token>", link_views.action, name="action"),
    path("r/<str:token>/done", link_views.button, {"do": DONE}, name="button-done"),
    path("r/<str:token>/later", link_views.button, {"do": IN_AN_HOUR}, name="button-later"),
    path("calendar/<str:key>.ics", link_views.calendar_feed, name="calendar"),
    path("settings/test", reach_views.test, name="test"),
    path("unsubscribe/<str:token>", doors.no_more_mail, name="unsubscribe"),
]

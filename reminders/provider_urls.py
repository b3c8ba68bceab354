"""Where the mail provider in use says what became of a mail; those of other providers stay unmounted."""

from anymail.urls import urlpatterns as of_all_providers
from django.conf import settings

urlpatterns = [one for one in of_all_providers if one.name == f"{settings.EMAIL_PROVIDER}_tracking_webhook"]

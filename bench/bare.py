"""The limit of pages: a bare Django view, its default middleware, the same server."""

import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

CONFIGURATION = {
    "ALLOWED_HOSTS": ["localhost"],
    "DATABASES": {
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    },
    "INSTALLED_APPS": [
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
    ],
    # What startproject writes.
    "MIDDLEWARE": [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    "ROOT_URLCONF": "bench.bare",
    "SECRET_KEY": "only for measuring",
}
# The workers import what the server began.
if not settings.configured:
    settings.configure(**CONFIGURATION)


def answer(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- a view
    return HttpResponse("ok")


urlpatterns = [path("", answer)]
application = get_wsgi_application()

if __name__ == "__main__":
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    sys.path.insert(0, os.getcwd())  # noqa: PTH109 -- the workers import us
    Granian(
        "bench.bare:application",
        address="127.0.0.1",
        port=int(os.environ["PORT"]),
        interface=Interfaces.WSGI,
        workers=2,
        blocking_threads=4,
        log_level=LogLevels.warning,
    ).serve()

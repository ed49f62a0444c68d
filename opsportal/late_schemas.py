"""Let the API's schemas build their validators when a call first needs them.

There are a thousand of them. Building all takes a tenth of a start and 5 MB, and most
are never used. Import this before the API.
"""

from ninja import Schema
from ninja.params import models

_PARAMS = (
    models.BodyModel,
    models.CookieModel,
    models.FileModel,
    models.FormModel,
    models.HeaderModel,
    models.PathModel,
    models.QueryModel,
)
for _base in (Schema, *_PARAMS):
    _base.model_config["defer_build"] = True

"""The admin site: the same people, the same colours."""

from django.contrib.admin import AdminSite


class PortalAdminSite(AdminSite):
    """Django's admin under the portal's name."""

    site_header = "opsportal administration"
    site_title = "opsportal"
    index_title = "Everything the portal keeps"
    site_url = "/"

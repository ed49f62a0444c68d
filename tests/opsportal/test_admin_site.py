"""The administration in the portal's clothes."""

import pytest

from tests.factories.oncall import AdminFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize("path", ["/admin/", "/admin/checklists/check/"])
def test_every_page_wears_the_colours_of_the_portal(client, path):
    client.force_login(AdminFactory())
    html = client.get(path).content.decode()
    assert "opsportal/css/admin.css" in html
    assert "opsportal administration" in html

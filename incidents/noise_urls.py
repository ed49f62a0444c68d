"""The addresses of what keeps alerts quiet."""

from django.urls import path

from incidents.views import recurring, storms

urlpatterns = [
    path("maintenance/recurring/new/", recurring.create, name="recurring_create"),
    path("maintenance/recurring/<int:pk>/stop/", recurring.stop, name="recurring_stop"),
    path("storms/<int:pk>/", storms.show, name="storm_detail"),
    path("storms/<int:pk>/cooldown/", storms.cool, name="storm_cool"),
]

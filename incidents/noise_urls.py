"""The addresses of what keeps alerts quiet."""

from django.urls import path

from incidents.views import storms

urlpatterns = [
    path("storms/<int:pk>/", storms.show, name="storm_detail"),
    path("storms/<int:pk>/cooldown/", storms.cool, name="storm_cool"),
]

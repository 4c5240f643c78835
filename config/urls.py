"""Every address of the product (design.md §5)."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("allauth.urls")),
]

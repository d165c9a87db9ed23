from django.urls import path

from conditions import views
from conditions.page_types import PAGE_TYPES

urlpatterns = [
    path("symptoms/", views.symptom_list, name="symptom_list"),
    path("symptoms/<slug:slug>/", views.symptom_region, name="symptom_region"),
    path("search/", views.search, name="search"),
    path("started-suddenly/", views.started_suddenly, name="started_suddenly"),
]

# condition_list at /conditions/, condition_detail at /conditions/<slug>/, and so on
for page_type in PAGE_TYPES:
    prefix, name, known = page_type.prefix, page_type.name, {"page_type": page_type}
    urlpatterns += [
        path(f"{prefix}/", views.page_list, known, name=f"{name}_list"),
        path(f"{prefix}/<slug:slug>/", views.page_detail, known, name=f"{name}_detail"),
    ]

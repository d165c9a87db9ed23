from django.urls import path

from conditions import views

urlpatterns = [
    path("conditions/", views.condition_list, name="condition_list"),
    path("conditions/<slug:slug>/", views.condition_detail, name="condition_detail"),
    path("symptoms/", views.symptom_list, name="symptom_list"),
    path("symptoms/<slug:slug>/", views.symptom_region, name="symptom_region"),
    path("treatments/", views.treatment_list, name="treatment_list"),
    path("treatments/<slug:slug>/", views.treatment_detail, name="treatment_detail"),
    path("search/", views.search, name="search"),
    path("started-suddenly/", views.started_suddenly, name="started_suddenly"),
]

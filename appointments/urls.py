from django.urls import path

from appointments import views

urlpatterns = [
    path("request/", views.ask, name="ask"),
    path("request/received/<str:token>/", views.received, name="received"),
]

from django.urls import path

from appointments.patient import views

urlpatterns = [
    path("request/", views.ask, name="ask"),
    path("request/received/<str:token>/", views.received, name="received"),
    path("my-request/<str:token>/", views.my_request, name="my_request"),
]

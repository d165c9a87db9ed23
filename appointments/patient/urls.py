from django.urls import path, re_path

from appointments.patient import views

urlpatterns = [
    path("request/", views.ask, name="ask"),
    path("request/received/<str:token>/", views.received, name="received"),
    path("my-request/<str:token>/", views.my_request, name="my_request"),
    # After these: what is not quite such an address
    re_path(r"^(?i:request/received)/(?P<token>.+)$", views.mend_link, {"page": "received"}, name="mended_received"),
    re_path(r"^(?i:my-request)/(?P<token>.+)$", views.mend_link, {"page": "my_request"}, name="mended_my_request"),
]

from django.urls import path, re_path

from appointments.patient import views


def typed(address: str) -> str:
    """A pattern for this address in capitals or not, and a token with whatever else stands behind it."""
    letters = (f"[{sign.upper()}{sign}]" if sign.isalpha() else sign for sign in address)
    return rf"^{''.join(letters)}(?P<token>.+)$"


urlpatterns = [
    path("request/", views.ask, name="ask"),
    path("request/received/<str:token>/", views.received, name="received"),
    path("my-request/<str:token>/", views.my_request, name="my_request"),
    # After these: what is not quite such an address
    re_path(typed("request/received/"), views.mend_link, {"page": "received"}, name="mended_received"),
    re_path(typed("my-request/"), views.mend_link, {"page": "my_request"}, name="mended_my_request"),
]

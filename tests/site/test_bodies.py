"""What a client may send: long forms come back, longer ones are refused unread, files are never stored."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from appointments.models import Inquiry, InquiryEvent
from nyfp_site import bodies
from tests.factories import make_inquiry, valid_request_data

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("letter", ["字", "a", "🙂"])
def test_a_message_of_a_hundred_thousand_letters_comes_back_and_says_by_how_much_to_shorten_it(client, office, letter):
    page = client.post("/request/", valid_request_data(message=letter * 100_000)).content.decode()
    assert "Shorten your message by 95,000 characters." in page
    assert letter * 100_000 in page
    assert not Inquiry.objects.exists()


def test_a_note_of_300_kilobytes_at_the_desk_comes_back(staff_client, office):
    inquiry = make_inquiry()
    url = f"/admin/appointments/inquiry/{inquiry.pk}/change/"
    page = staff_client.post(url, {"note": "x" * 300_000, "status": "new"}).content.decode()
    assert "Shorten your note by 50,000 characters." in page
    assert "x" * 300_000 in page
    staff_client.post(url, {"note": "x" * 50_000, "status": "new", "initial-status": "new"})
    assert inquiry.events.filter(kind=InquiryEvent.Kind.NOTE).count() == 1


@pytest.mark.parametrize("path", ["/request/", "/admin/login/", "/nothing/", "/my-request/x/"])
def test_more_than_two_megabytes_are_refused_with_telephone_and_911(client, office, path):
    answer = client.post(path, b"name=" + b"x" * bodies.MOST, content_type=FORM)
    page = answer.content.decode()
    assert answer.status_code == 413
    assert "(212) 434-4050" in page
    assert "911" in page
    assert answer["Content-Security-Policy"]


class Unread(BytesIO):
    def read(self, *args):
        raise AssertionError("it was read")


def test_what_is_too_long_is_not_read(rf):
    request = rf.post("/request/", b"", content_type=FORM)
    request.META |= {"CONTENT_LENGTH": str(bodies.MOST + 1), "wsgi.input": Unread()}
    with pytest.raises(bodies.TooLong):
        bodies.read(request)


def test_a_file_is_not_stored_and_the_answers_beside_it_are_read(client, office, tmp_path, settings):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    file = SimpleUploadedFile("face.jpg", b"x" * 1_000_000)
    assert client.post("/request/", valid_request_data() | {"photo": file}).status_code == 302
    assert Inquiry.objects.get().name == "Maria Okafor"
    assert list(tmp_path.iterdir()) == []


def chunked(rf, body: bytes, *, terminated: bool = True):
    request = rf.post("/request/", b"x", content_type=FORM)
    request.META |= {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": terminated,
    }
    request.META.pop("CONTENT_LENGTH", None)
    return request


def test_a_body_without_a_length_is_read_to_its_end(rf):
    request = chunked(rf, b"name=Maria&message=Hello")
    bodies.read(request)
    assert request.POST["message"] == "Hello"


def test_a_body_without_a_length_is_read_no_further_than_we_take(rf):
    with pytest.raises(bodies.TooLong):
        bodies.read(chunked(rf, b"x" * (bodies.MOST + 5)))


def test_a_body_whose_end_nobody_tells_is_told_so(rf, client, office):
    with pytest.raises(bodies.LengthRequired):
        bodies.read(chunked(rf, b"name=Maria", terminated=False))
    answer = client.post("/request/", valid_request_data(), headers={"Transfer-Encoding": "chunked"})
    assert answer.status_code == 411
    assert "(212) 434-4050" in answer.content.decode()


@pytest.mark.parametrize("length", ["12x", "-1", "٣", "30"])
def test_a_body_that_is_not_as_long_as_it_says_is_no_form(rf, length):
    request = rf.post("/request/", b"", content_type=FORM)
    request.META |= {"CONTENT_LENGTH": length, "wsgi.input": BytesIO(b"name=Maria")}
    with pytest.raises(bodies.CutOff):
        bodies.read(request)

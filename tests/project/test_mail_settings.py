"""How the address of a mail server is read, and that no mail leaves without one."""

import pytest

from yuejingzhun.project.settings import _email


def test_without_an_address_no_mail_leaves() -> None:
    assert _email("") == {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend", "EMAIL_HOST": ""}


def test_an_address_says_everything() -> None:
    found = _email("smtp://yonghu:mi%40ma@mail.example:2525?tls=1&from=yjz%40example.org")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example", 2525)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("yonghu", "mi@ma")
    assert found["EMAIL_USE_TLS"] and not found["EMAIL_USE_SSL"]
    assert found["DEFAULT_FROM_EMAIL"] == "yjz@example.org"
    implicit = _email("smtps://mail.example?from=a@b.example")
    assert implicit["EMAIL_PORT"] == 465 and implicit["EMAIL_USE_SSL"] and not implicit["EMAIL_USE_TLS"]


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example?from=a@b", "smtp://?from=a@b", "smtp://mail.example"]
)
def test_a_wrong_address_is_told(url: str) -> None:
    with pytest.raises(ValueError, match="YJZ_EMAIL_URL"):
        _email(url)

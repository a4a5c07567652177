"""The public page and JSON interface of the catalogue."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_page_shows_requirement_and_linked_regulations_without_a_query(
    client: Client, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(0):  # type: ignore[operator]
        page = client.get("/catalogue").content.decode()
    for words in (
        "水表（DN15～DN50）",
        "限期使用，到期轮换",
        "/regulations/JJG%20162-2019",
        "待核对：",
        "电动汽车充电桩",
    ):
        assert words in page


def test_the_page_searches_and_says_when_nothing_is_found(client: Client) -> None:
    page = client.get("/catalogue", {"name": "血压计"}).content.decode()
    assert "无创自动测量血压计" in page
    assert "眼压计" not in page
    assert "目录里没有与“&lt;钟&gt;”相符的器具" in client.get("/catalogue", {"name": "<钟>"}).content.decode()


def test_an_entry_has_its_page_and_an_unknown_one_a_clear_404(client: Client) -> None:
    page = client.get("/catalogue/19").content.decode()
    assert "19.1 直接接入式电能表" in page
    assert "JJG 596-2012" in page
    missing = client.get("/catalogue/99")
    assert missing.status_code == 404
    assert "没有项目" in missing.content.decode()


def test_the_interface_answers_for_a_day(client: Client) -> None:
    whole = client.get("/api/v1/catalogue").json()
    assert whole["effective_from"] == "2020-10-26"
    assert len([found for found in whole["entries"] if found["parent"] is None]) == 40
    charger = client.get("/api/v1/catalogue/40.1", {"on": "2022-12-31"}).json()
    assert (charger["verification"], charger["verification_from"]) == ("none", "2023-01-01")
    assert client.get("/api/v1/catalogue/40.1").json()["verification"] == "periodic"
    meter = client.get("/api/v1/catalogue/11.1").json()
    assert (meter["ending"], meter["uses"]) == ("replaced", ["trade"])
    assert {found["months"] for found in meter["intervals"]} == {48, 72}


@pytest.mark.parametrize(
    ("path", "status"), [("catalogue/x", 404), ("catalogue?on=1999-01-01", 404), ("catalogue?on=x", 422)]
)
def test_the_interface_refuses_in_chinese(path: str, status: int, client: Client) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == status
    assert any("一" <= character <= "鿿" for character in answer.json()["message"])

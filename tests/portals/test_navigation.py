import re

import pytest
from django.test import Client
from django.urls import reverse

from small_world import World, make_world
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.models import Person
from yuejingzhun.platform.foundation.parties.rules import Grant, Role
from yuejingzhun.portals.navigation import BY_ROLE, EVERYONE, OF_PROVINCE, OF_REGULATOR, PUBLIC, sections


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def grants(*roles: Role, region: str = "440100") -> tuple[Grant, ...]:
    return tuple(Grant(role, 1, region) for role in roles)


def test_every_address_of_every_menu_exists() -> None:
    links = {link for links in BY_ROLE.values() for link in links} | {*EVERYONE.links, *OF_PROVINCE.links, *PUBLIC}
    links |= {link for section in OF_REGULATOR for link in section.links}
    assert all(reverse(link.address).startswith("/") for link in links)


@pytest.mark.parametrize("role", BY_ROLE)
def test_a_role_has_its_own_section_and_what_everybody_has(role: Role) -> None:
    first, last = sections(grants(role))
    assert (first.title, first.links) == (role.value, BY_ROLE[role])
    assert last == EVERYONE


def test_a_regulators_pages_are_grouped_by_subject() -> None:
    assert sections(grants(Role.REGULATOR)) == (*OF_REGULATOR, EVERYONE)
    assert sections(grants(Role.REGULATOR, region="440000")) == (*OF_REGULATOR, OF_PROVINCE, EVERYONE)
    assert all(len(section.links) <= 6 for section in OF_REGULATOR)


def test_every_role_has_its_pages() -> None:
    assert {*BY_ROLE, Role.REGULATOR} == set(Role)


def test_who_has_many_roles_sees_no_page_twice() -> None:
    addresses = [link.address for section in sections(grants(*Role)) for link in section.links]
    assert len(addresses) == len(set(addresses))
    assert {link.address for links in BY_ROLE.values() for link in links} <= set(addresses)


def test_without_a_role_only_what_everybody_has() -> None:
    assert sections(()) == (EVERYONE,)


def test_tariffs_are_the_provinces() -> None:
    def has_tariffs(region: str) -> bool:
        return OF_PROVINCE in sections(grants(Role.REGULATOR, region=region))

    assert has_tariffs("440000")
    assert not has_tariffs("440100")
    assert not has_tariffs("440106")


@pytest.mark.parametrize("seat", ["verifier", "reviewer", "signatory", "everything", "regulator"])
def test_every_page_of_a_menu_opens_for_whom_it_is_shown(world, seat: str) -> None:
    client = client_of(getattr(world, seat))
    text = client.get("/work").content.decode()
    menu = text[text.index('<details class="menu">') : text.index("</details>")]
    addresses = re.findall(r'href="([^"]+)"', menu)
    assert len(addresses) >= 4
    for address in addresses:
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address


def test_an_account_that_belongs_to_nobody_is_told_so_on_a_whole_page(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("niemand"))
    answer = client.get("/work")
    assert answer.status_code == 403
    text = answer.content.decode()
    assert "没有登记为人员" in text
    assert "长任务" in text


def test_visitors_see_no_menu_but_what_the_law_publishes(db: None) -> None:
    text = Client().get("/").content.decode()
    assert 'class="menu"' not in text
    assert all(f'href="{reverse(link.address)}"' in text for link in PUBLIC)


def client_of(actor) -> Client:
    client = Client()
    user = User.objects.create_user(f"u{actor.person_id}")
    Person.objects.filter(pk=actor.person_id).update(user=user)
    client.force_login(user)
    return client

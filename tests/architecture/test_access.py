"""Every route says who may open it; no door is left ajar by forgetting."""

from typing import TYPE_CHECKING

from entrepairs.identity.permissions import Permission
from entrepairs.web.access import ACCESS

if TYPE_CHECKING:
    from flask import Flask

DOORS = {"/s": "s.", "/p": "p.", "/a": "a."}


def test_every_route_declares_who_may_open_it(app: "Flask") -> None:
    silent = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if not hasattr(app.view_functions[rule.endpoint], ACCESS)
    ]
    assert silent == []


def test_a_front_door_asks_for_a_right_of_its_own_audience(app: "Flask") -> None:
    misplaced = []
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], ACCESS)
        for door, prefix in DOORS.items():
            if (rule.rule + "/").startswith(door + "/") and not str(getattr(access, "value", access)).startswith(
                prefix
            ):
                misplaced.append((rule.rule, access))
    assert misplaced == []


def test_a_route_without_login_is_public_or_opened_by_a_mail_link(app: "Flask") -> None:
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], ACCESS)
        assert access in {"public", "token"} or isinstance(access, Permission), rule.rule


def test_a_mail_link_route_takes_a_secret_and_nothing_else(app: "Flask") -> None:
    for rule in app.url_map.iter_rules():
        if getattr(app.view_functions[rule.endpoint], ACCESS) == "token":
            assert "token" in rule.arguments, rule.rule

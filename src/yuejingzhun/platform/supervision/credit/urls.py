"""Addresses of credit."""

from django.urls import path, re_path

from yuejingzhun.platform.supervision.credit import pages, public_pages, regulator_pages, rule_pages

PARTY, FACT, RULES = "credit/parties/<int:party_id>", "credit/facts/<int:fact_id>", "credit/rules/<int:version>"
FEED_FILE = r"^credit/feed/(?P<number>[\w-]{1,40})\.(?P<suffix>json|csv|json\.sig|csv\.sig|der)$"

urlpatterns = [
    path("credit", public_pages.find_page, name="credit-find"),
    path("credit/of/<str:credit_code>", public_pages.grade_page, name="credit-grade"),
    path("credit/of/<str:credit_code>/rating.json", public_pages.rating_file, name="credit-file"),
    path("credit/own", pages.own_page, name="credit-own"),
    path("credit/parties", regulator_pages.parties_page, name="credit-parties"),
    path(PARTY, pages.party_page, name="credit-party"),
    path(f"{PARTY}/facts/new", regulator_pages.record_page, name="credit-record"),
    path("credit/facts", regulator_pages.facts_page, name="credit-facts"),
    path(FACT, pages.fact_page, name="credit-fact"),
    path(f"{FACT}/<str:act>", pages.act_on_fact, name="credit-act"),
    path("credit/repairs/<int:repair_id>", pages.act_on_repair, name="credit-repair"),
    path("credit/work", regulator_pages.work_page, name="credit-work"),
    path("credit/feed", regulator_pages.feed_page, name="credit-feed"),
    re_path(FEED_FILE, regulator_pages.feed_file, name="credit-feed-file"),
    path("credit/rules", rule_pages.rules_page, name="credit-rules"),
    path("credit/rules/new", rule_pages.propose_page, name="credit-propose"),
    path(RULES, rule_pages.rule_page, name="credit-rule"),
    path(f"{RULES}/rules.json", rule_pages.rule_file, name="credit-rule-file"),
    path(f"{RULES}/<str:act>", rule_pages.act_on_rules, name="credit-rules-act"),
    path("credit/simulations/<int:simulation_id>", rule_pages.simulation_page, name="credit-simulation"),
]

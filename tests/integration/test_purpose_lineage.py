"""The lineage check on the real project: it holds, and every way round it that somebody might write does not."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest
import yaml

from samtykke.lineage.check import check_manifest
from samtykke.lineage.record import undescribed_columns
from samtykke.settings import Settings
from samtykke.storage.connect import open_home, prepare_home

PROJECT = Path(__file__).resolve().parents[2]
SERVICE = {"category": "contact", "purposes": ["service"]}
TECHNICAL = {"category": "technical", "purposes": []}


class Edited:
    """A copy of the project with somebody's edits in it."""

    def __init__(self, manifest, cache):
        self._manifest = {**manifest, "nodes": dict(manifest["nodes"]), "exposures": dict(manifest["exposures"])}
        self._cache = cache
        self._keys = {node["name"]: key for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}

    def node(self, model):
        """A model that may be edited."""
        key = self._keys[model]
        self._manifest["nodes"][key] = copy.deepcopy(self._manifest["nodes"][key])
        return self._manifest["nodes"][key]

    def sql(self, model, pattern, replacement):
        node = self.node(model)
        edited, count = re.subn(pattern, replacement, node["raw_code"], count=1, flags=re.S)
        assert count, f"{model} has no {pattern}"
        node["raw_code"] = edited
        self._depend(node)

    def label(self, model, column, meta):
        self.node(model)["columns"][column] = {"name": column, "config": {"meta": meta}}

    def add(self, name, folders, sql, **labels):
        node = {
            "name": name,
            "resource_type": "model",
            "fqn": ["samtykke", *folders, name],
            "config": {"materialized": "table", "access": "public"},
            "raw_code": sql,
            "checksum": {"checksum": "new"},
            "columns": {},
        }
        self._keys[name] = f"model.samtykke.{name}"
        self._manifest["nodes"][self._keys[name]] = node
        self._depend(node)
        for column, meta in labels.items():
            self.label(name, column, meta)

    def expose(self, name, model):
        key = f"model.samtykke.{model}"
        self._manifest["exposures"][name] = {"name": name, "type": "application", "depends_on": {"nodes": [key]}}

    def configure(self, model, **config):
        self.node(model)["config"].update(config)

    def report(self):
        variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
        return check_manifest(self._manifest, variables, PROJECT, cache=self._cache)

    def problems(self):
        return self.report().problems

    def _depend(self, node):
        """What dbt would find the model to depend on."""
        models = re.findall(r"ref\('(\w+)'\)", node["raw_code"])
        sources = re.findall(r"source\('(\w+)', '(\w+)'\)", node["raw_code"])
        seeds = {key for key, other in self._manifest["nodes"].items() if other["resource_type"] == "seed"}
        known = {f"seed.samtykke.{name}" for name in models} & seeds
        node["depends_on"] = {
            "nodes": [
                *known,
                *(f"model.samtykke.{name}" for name in models if name in self._keys),
                *(f"source.samtykke.{source}.{table}" for source, table in sources),
            ]
        }


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("traces") / "lineage.json"


@pytest.fixture
def project(manifest, cache):
    return Edited(manifest, cache)


def test_the_project_holds(project):
    report = project.report()
    assert report.problems == ()
    assert len({column.model for column in report.columns}) > 130
    needs = {(column.model, column.column): set(column.needs) for column in report.columns}
    assert needs["customer_profile", "sessions"] >= {"analytics.behaviour", "identity.linking"}
    assert needs["web_sessions", "landing_page"] >= {"analytics.behaviour"}
    assert needs["order_facts", "revenue"] == {"service"}


def test_every_stored_column_of_a_source_is_labelled(project, tmp_path):
    settings = Settings(home=tmp_path, pepper="a pepper of the tests")
    prepare_home(settings)
    known = project.report().project
    with open_home(settings) as connection:
        assert list(undescribed_columns(connection, known)) == []
        connection.execute("alter table raw.contacts add column shoe_size varchar")
        (said,) = undescribed_columns(connection, known)
    assert said.startswith("raw.contacts.shoe_size: is stored and has no category")


def test_an_unlabelled_column_is_named_with_what_it_needs(project):
    project.sql("web_sessions", r"sessions\.is_bounce,", "sessions.is_bounce, landing.path || '!' as shouted,")
    (said,) = project.problems()
    assert said.startswith("web_sessions.shouted: has no category and purposes; it needs analytics.behaviour")
    project.label("web_sessions", "shouted", {"category": "behaviour"})
    assert any("web_sessions.shouted: has no category" in said for said in project.problems())


WIDENED = {
    "a case": "case when web.page_views > 9 then 'reader' end",
    "a window": "row_number() over (order by web.seconds)",
    "an alias of a join": "web.categories[1]",
    "a subquery": "(select max(w.last_utm_source) from web as w where w.person_id = gates.person_id)",
    "a mere match": "web.person_id is not null",
}


@pytest.mark.parametrize("label", [SERVICE, TECHNICAL, {"category": "consent", "purposes": []}])
def test_a_widened_column_is_named_with_where_it_comes_from(project, label):
    country = r"(if\(may_serve, contact\.country, null\) as country,)"
    columns = {f"extra_{number}": expression for number, expression in enumerate(WIDENED.values())}
    added = " ".join(f"{expression} as {column}," for column, expression in columns.items())
    project.sql("customer_profile", country, rf"\1 {added}")
    for column in columns:
        project.label("customer_profile", column, label)
    said = {line.split(":")[0]: line for line in project.problems()}
    for column in columns:
        line = said[f"customer_profile.{column}"]
        assert "needs analytics.behaviour" in line and "(from " in line and "but its label says" in line


def test_a_column_widened_by_leaving_others_out_of_a_star_is_found(project):
    project.add(
        "contact_card",
        ["marts", "people"],
        "select * exclude (session_key, person_id) from (select w.* from {{ ref('web_sessions') }} as w)",
        **{
            column: SERVICE
            for column in project.node("web_sessions")["columns"]
            if column not in ("session_key", "person_id")
        },
    )
    said = project.problems()
    assert any(line.startswith("contact_card.landing_page: needs analytics.behaviour") for line in said)
    assert not any(line.startswith("contact_card.person_masked_reason") for line in said)


def test_a_reason_holds_only_where_it_was_meant(project):
    project.sql(
        "customer_profile", r"(if\(may_serve, contact\.country, null\) as country,)", r"\1 web.sessions as extra,"
    )
    for reason, said in (
        ("accountability", "holds in models/"),
        ("recognition", "holds in models/"),
        ("masked", "holds for consent only"),
        ("because", "gives the reason because; there are"),
    ):
        project.label("customer_profile", "extra", {**SERVICE, "purposes_reason": reason})
        assert any("customer_profile.extra" in line and said in line for line in project.problems())


SEGMENTS = {
    "select *": ("select * from {{ ref('web_sessions') }}", "column \\*"),
    "a star inside": ("select person_id from (select * from {{ ref('web_sessions') }})", "column \\*"),
    "a table function": ("select person_id from read_parquet('x')", "no public mart"),
    "an intermediate model": ("select person_id from {{ ref('int_behaviour__sessions') }}", "no public mart"),
    "a consent mart": ("select person_id from {{ ref('consent_permissions') }}", "no public mart"),
    "a consent fact": (
        "select person_id from {{ ref('customer_profile') }} where web_masked_reason is null",
        "is a consent fact",
    ),
    "a macro that is not there": ("select person_id from {{ somewhere('x') }}", "template cannot be read"),
}


def test_a_segment_whose_purposes_cannot_be_derived_is_named(project):
    names = {f"segment_{number}": case for number, case in enumerate(SEGMENTS.values())}
    for name, (sql, _) in names.items():
        project.add(name, ["segments"], sql, person_id={"category": "identifier", "purposes": ["service"]})
    report = project.report()
    for name, (_, said) in names.items():
        assert any(name in line and re.search(said, line) for line in report.problems), name
    assert not {use.segment for use in report.uses} & set(names)


def test_a_segment_that_asks_in_a_subquery_needs_what_it_asks(project):
    project.sql(
        "bought_jeans",
        ".*",
        "select o.person_id from {{ ref('order_facts') }} as o where o.person_id in "
        "(select w.person_id from {{ ref('web_sessions') }} as w) group by o.person_id",
    )
    report = project.report()
    assert {use.purpose for use in report.uses if use.segment == "bought_jeans"} == {
        "service",
        "analytics.behaviour",
        "identity.linking",
    }
    assert any(line.startswith("bought_jeans.person_id: needs analytics.behaviour") for line in report.problems)


def test_an_audience_that_reads_a_mart_goes_round_the_gate(project):
    key = {"category": "identifier", "purposes": ["service"]}
    project.add("my_audience", ["activation"], "select person_id from {{ ref('customer_profile') }}", person_id=key)
    (said,) = project.problems()
    assert "models/activation/my_audience" in said and "my_audience <- customer_profile" in said


def test_a_relation_is_read_through_ref_or_not_at_all(project):
    for number, table in enumerate(("customer_profile", "marts.customer_profile", "vault.identifiers")):
        key = {"category": "identifier", "purposes": ["service"]}
        project.add(f"card_{number}", ["marts", "people"], f"select person_id from {table}", person_id=key)
    said = project.problems()
    for number in range(3):
        assert any(line.startswith(f"card_{number}: it reads") and "no ref" in line for line in said)


def test_an_audience_that_reads_a_segment_goes_round_the_gate(project):
    key = {"category": "identifier", "purposes": ["service"]}
    project.add(
        "my_audience", ["marts", "activation"], "select person_id from {{ ref('bought_jeans') }}", person_id=key
    )
    assert (
        "my_audience: reads segment bought_jeans past the gate; only segment_members reads segments"
        in project.problems()
    )


def test_a_recipient_that_reads_a_mart_goes_round_the_gate(project):
    project.expose("agency", "customer_profile")
    (said,) = project.problems()
    assert said.startswith("exposure agency: gets at people's data past the exit gate: agency <- customer_profile")


GATES = {
    "audience_identifiers": (
        r"\n    where included\n",
        "\n",
        "who is in it is not decided by audience_members.included",
    ),
    "sent_standings": (
        r"and coalesce\(segment_permissions\.is_permitted, false\)\s*\) as is_permitted",
        ") as is_permitted",
        "its is_permitted is not decided by segment_permissions.is_permitted",
    ),
    "segment_permissions": (
        r"coalesce\(person_permissions\.is_permitted, false\) as is_permitted",
        "true as is_permitted",
        "its is_permitted is not decided by int_consent__person_permissions.is_permitted",
    ),
}


@pytest.mark.parametrize("model", GATES)
def test_a_gate_that_somebody_opened_is_named(project, model):
    pattern, replacement, said = GATES[model]
    project.sql(model, pattern, replacement)
    assert any(line.startswith(f"{model}: {said}") for line in project.problems())


def test_the_last_steps_before_a_file_read_nothing_else(project):
    project.sql(
        "audience_identifiers",
        r"where included",
        "where included and person_id in (select person_id from {{ ref('customer_profile') }})",
    )
    assert any(
        line.startswith("audience_identifiers: reads customer_profile; the last steps") for line in project.problems()
    )


def test_what_no_lineage_can_follow_is_refused(project):
    project.configure("customer_profile", materialized="external")
    project.configure("web_sessions", **{"post-hook": [{"sql": "copy marts.web_sessions to 'x.csv'"}]})
    noted = "insert into ledger.identity_told select max(started_at) from marts.web_sessions"
    project.configure("person_purposes", **{"post-hook": [{"sql": noted}]})
    said = project.problems()
    assert any(line.startswith("customer_profile: external may write") for line in said)
    assert any(line.startswith("web_sessions: its post-hook runs SQL") for line in said)
    assert any(line.startswith("person_purposes: its post-hook runs SQL") for line in said)


def test_a_text_for_the_reader_and_another_for_the_database_is_refused(project):
    secret = "{% if execute %}select person_id, url{% else %}select person_id{% endif %} from {{ ref('web_sessions') }}"
    project.sql("bought_jeans", ".*", secret)
    assert any(line.startswith("bought_jeans: asks whether it is being run") for line in project.problems())


GROUPED = """
    select country, count(distinct person_id) as people, max(age_band) as oldest, avg(mails_opened) as opened
    from {{{{ ref('customer_profile') }}}} group by country {having}
"""
OF_GROUPS = {"category": "technical", "purposes": [], "anonymised": {"minimum_group": 20}}


HAVING = {
    "having count(distinct person_id) >= 20": "",
    "having 20 <= count(distinct person_id) and country <> 'DK'": "",
    "having people > 19": "",
    "": "is declared anonymised, but no select",
    "having count(distinct person_id) >= 3": "its groups may be of 3 people, not of 20",
    "having count(*) >= 20": "is declared anonymised, but no select",
    "having count(distinct person_id) >= 20 or true": "is declared anonymised, but no select",
    "having count(distinct country) >= 20": "is declared anonymised, but no select",
}


def test_a_value_of_a_group_is_anonymous_if_the_sql_says_so(project):
    every = {"category": "demographic", "purposes": ["service", "analytics.behaviour"]}
    for number, having in enumerate(HAVING):
        sql = GROUPED.format(having=having)
        labels = {"country": OF_GROUPS, "people": OF_GROUPS, "opened": OF_GROUPS, "oldest": every}
        project.add(f"countries_{number}", ["marts", "people"], sql, **labels)
    said = {line.split(":")[0]: line for line in project.problems()}
    for number, expected in enumerate(HAVING.values()):
        assert expected in said.get(f"countries_{number}.people", ""), number
        assert bool(expected) == (f"countries_{number}.people" in said), number


def test_one_persons_value_is_not_anonymous_in_whatever_group(project):
    having = "having count(distinct person_id) >= 20"
    small = {**OF_GROUPS, "anonymised": {"minimum_group": 2}}
    labels = {"country": OF_GROUPS, "people": small, "opened": OF_GROUPS, "oldest": OF_GROUPS}
    project.add("countries", ["marts", "people"], GROUPED.format(having=having), **labels)
    said = project.problems()
    assert any(line.startswith("countries.oldest: is declared anonymised, but MAX(") for line in said)
    assert any(line.startswith("countries.people: declares groups of 2; the project's least is 20") for line in said)

"""A mapping is checked before a file is read: what does not fit the vocabulary says where and why."""

import csv
import json
import os
from pathlib import Path

import pytest
import yaml

from samtykke.sources.contracts import ENTITIES
from samtykke.sources.files import Delivery, Refused
from samtykke.sources.headers import check_headers
from samtykke.sources.mapping import MappingError, contract_mapping, known_mappings, load_mapping

PROJECT = Path(__file__).resolve().parents[2]
REAL_DATA = Path(os.environ.get("SAMTYKKE_REAL_DATA", PROJECT.parent / "shared" / "data"))
GOOD = """
mapping: own
title: Own
folders: [contacts]
outputs:
  - entity: contacts
    columns: {contact_id: No, email: {first_of: [E-post, Mail]}, source: {const: own}}
"""


def load_own(tmp_path: Path, text: str, entity: str = "contacts"):
    (tmp_path / "mappings").mkdir(exist_ok=True)
    (tmp_path / "mappings" / "own.yml").write_text(text, "utf-8")
    load_mapping.cache_clear()
    return load_mapping("own", entity, tmp_path)


def test_a_users_own_mapping_is_found_and_the_shipped_ones_beside_it(tmp_path):
    assert load_own(tmp_path, GOOD).headers == {"No", "E-post", "Mail"}
    assert {"own", "hubspot", "apache_combined"} <= set(known_mappings(tmp_path))


BAD = {
    "not YAML": ("mapping: [", "mappings/own.yml is not YAML"),
    "unknown word": (GOOD.replace("first_of", "firstof"), "Extra inputs are not permitted"),
    "no source": (GOOD.replace("{const: own}", "{prefix: x}"), "exactly one of"),
    "two sources": (GOOD.replace("{const: own}", "{const: own, first_of: A}"), "exactly one of"),
    "unknown column": (GOOD.replace("contact_id:", "kontakt:"), "contacts has no column kontakt"),
    "unknown entity": (GOOD.replace("entity: contacts", "entity: people"), "unknown entity people"),
    "nothing that names anybody": (
        GOOD.replace("contact_id: No, email: {first_of: [E-post, Mail]}, ", ""),
        "needs one of",
    ),
    "unknown kind": (GOOD.replace("    columns", "    kinds: {contact_id: passport}\n    columns"), "kinds"),
    "another name": (GOOD.replace("mapping: own", "mapping: other"), "calls itself other"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_mapping_that_does_not_fit_is_named_with_its_place(case, tmp_path):
    text, message = BAD[case]
    with pytest.raises(MappingError) as error:
        load_own(tmp_path, text)
    assert message in str(error.value)


def test_a_mapping_is_for_the_folders_it_names(tmp_path):
    with pytest.raises(MappingError, match="for contacts, not for orders"):
        load_own(tmp_path, GOOD, entity="orders")
    with pytest.raises(MappingError, match="no mapping nocrm; known: adventureworks_customers"):
        load_mapping("nocrm", "contacts", PROJECT)


@pytest.mark.parametrize("name", known_mappings(PROJECT))
def test_every_shipped_mapping_is_valid_for_each_of_its_folders(name):
    own = PROJECT / "mappings" / f"{name}.yml"
    file = own if own.is_file() else PROJECT / "samtykke" / "sources" / "mappings" / f"{name}.yml"
    folders = yaml.safe_load(file.read_text("utf-8"))["folders"]
    assert [load_mapping(name, folder, PROJECT).mapping for folder in folders] == [name] * len(folders)


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_contract_itself_is_a_valid_mapping(entity):
    # a contact's interests are statements of their own, read from the same line
    beside = {"interests", "dislikes"} if entity == "contacts" else set()
    assert contract_mapping(ENTITIES[entity]).headers == set(ENTITIES[entity].names) | beside


# Which mapping reads which header line of crm_headers.json; the note of the file after the line is left out.
EXPORTS = {
    "hubspot_contacts_ui_export": "hubspot",
    "mailchimp_audience_export": "mailchimp",
    "klaviyo_list_export": "klaviyo_profile",
    "shopify_customers_export": "shopify_customer",
    "shopify_orders_export": "shopify_order",
}


@pytest.mark.real_data
@pytest.mark.parametrize("export", EXPORTS)
def test_headers_as_users_export_them_from_the_screen_are_read(export):
    if not (REAL_DATA / "crm_headers.json").exists():
        pytest.skip(f"no real data in {REAL_DATA}")
    (line, *_) = json.loads((REAL_DATA / "crm_headers.json").read_text("utf-8"))[export]
    headers = [header for header in next(csv.reader([line])) if header != "..."]
    folder = "orders" if "order" in export else "contacts"
    mapping = load_mapping(EXPORTS[export], folder, PROJECT)
    source = check_headers(Delivery(Path("x.csv"), "x.csv", folder, folder, None), mapping, headers)
    assert len(mapping.headers & set(source.headers)) >= 5
    assert mapping.outputs_for(source.headers)


@pytest.mark.real_data
def test_the_unsubscribed_export_that_repeats_two_headers_is_read():
    mapping = load_mapping("mailchimp", "contacts", PROJECT)
    headers = ["Email Address", "UNSUB_TIME", "UNSUB_CAMPAIGN_ID", "UNSUB_REASON", "UNSUB_CAMPAIGN_ID", "UNSUB_REASON"]
    delivery = Delivery(Path("x.csv"), "x.csv", "contacts", "contacts", "mailchimp")
    assert check_headers(delivery, mapping, headers).headers["UNSUB_TIME"] == "c1"
    with pytest.raises(Refused, match="more than once"):
        check_headers(delivery, mapping, [*headers, "Email Address"])

"""Addresses of pages and signal values carry no person outside the vault."""

import duckdb
import pytest

from samtykke.keys import register_key_macro
from samtykke.sources.scrub import register_scrub_macros


@pytest.fixture(scope="module")
def connection():
    connection = duckdb.connect()
    register_key_macro(connection, b"a pepper of the tests")
    register_scrub_macros(connection)
    return connection


URLS = {
    "https://shop.example/c/jeans": "https://shop.example/c/jeans",
    "https://shop.example/?utm_source=mail&utm_campaign=a_b&gclid=x1&fbclid=y2&share=s7": (
        "https://shop.example/?utm_source=mail&utm_campaign=a_b&gclid=x1&fbclid=y2&share=s7"
    ),
    "https://shop.example/?email=anna&q=jeans": "https://shop.example/?email=&q=jeans",
    "https://shop.example/?q=anna%40example.com&a=1": "https://shop.example/?q=&a=1",
    "https://shop.example/?Token=abc#email=anna@example.com": "https://shop.example/?Token=#email=",
    "https://shop.example/?tel=%2B4533123456": "https://shop.example/?tel=",
    "https://shop.example/?x=+4533123456": "https://shop.example/?x=",
    "https://shop.example/unsubscribe/anna@example.com/now": "https://shop.example/unsubscribe/[removed]/now",
    "https://anna:secret@shop.example/a": "https://shop.example/a",
    "/a/b?first_name=Anna&page=2": "/a/b?first_name=&page=2",
    "/a?b?email=x": "/a?b?email=x",
    "/a?": "/a?",
    "/a?flag": "/a?flag",
    "android-app://com.example/": "android-app://com.example/",
}  # fmt: skip


@pytest.mark.parametrize("url", URLS)
def test_personal_parts_of_an_address_go_and_campaign_parts_stay(url, connection):
    assert connection.execute("select clean_url($1)", [url]).fetchone() == (URLS[url],)


def test_a_user_agent_keeps_its_words_but_no_address(connection):
    agent = "Mozilla/5.0 (compatible; Bot/1.0; +https://bot.example; ops@bot.example)"
    assert connection.execute("select clean_text($1)", [agent]).fetchone() == (
        "Mozilla/5.0 (compatible; Bot/1.0; +https://bot.example; [removed])",
    )


def test_a_signal_keeps_its_vocabulary_and_everything_else_becomes_a_keyed_digest(connection):
    def clean(kind: str, value: str) -> str:
        return connection.execute("select clean_signal($1, $2)", [kind, value]).fetchone()[0]

    for value in ("TRUE", "opt_in", "SUBSCRIBED", "1", "1YNN"):
        assert clean("box", value) == value
    consent_string = "COtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA.IF3wQ"
    assert clean("tcf", consent_string) == consent_string
    for value in ("anna@example.com", "33123456", "Anna Berg", consent_string):
        assert clean("box", value).startswith("k1_"), value

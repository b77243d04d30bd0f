"""The same input twice changes nothing; a changed file replaces what it brought; half a file is not read."""

import gzip
import hashlib
import os
import time
from datetime import UTC, datetime

import pytest
from landing_home import LandingHome

from samtykke.sources import store
from samtykke.sources.load import LoadError, load_landing
from samtykke.storage.connect import open_home

CONTACTS = "contact_id,email,first_name,hobby\n1,anna@example.com,Anna,chess\n2,bo@example.com,Bo,\n,nobody,Nobody,\n"
MESSAGES = (
    "source,conversation_id,message_id,author_kind,text,sent_at\n"
    "chat,1,1,customer,Where are my jeans?,2024-01-01T10:00:00Z\n"
)
_TABLES = (
    "raw.files", "raw.file_entities", "raw.quarantine", "raw.field_issues", "raw.identifiers", "raw.contacts",
    "raw.messages", "vault.identifiers", "vault.contact_details", "vault.texts", "vault.extras", "vault.quarantine",
)  # fmt: skip


def everything(home: LandingHome, *, without: tuple[str, ...] = ()) -> dict[str, list[tuple]]:
    """Every row of the loader's tables."""
    return {table: sorted(home.rows(f"from {table}"), key=repr) for table in _TABLES if table not in without}


@pytest.fixture
def home(tmp_path) -> LandingHome:
    home = LandingHome(tmp_path)
    home.deliver("contacts/a.csv", CONTACTS)
    home.deliver("messages/m.csv", MESSAGES)
    home.load()
    return home


def test_a_second_run_writes_nothing(home):
    before = everything(home)
    assert {result.status for result in home.load().values()} == {"duplicate"}
    assert everything(home) == before


def test_the_same_content_under_another_name_adds_no_row(home):
    before = everything(home, without=("raw.files",))
    result = home.load_one("contacts/copy of a.csv", CONTACTS)
    assert result.status == "duplicate"
    assert everything(home, without=("raw.files",)) == before
    assert home.rows("select status from raw.files where path = 'contacts/copy of a.csv'") == [("duplicate",)]


def test_the_quarantine_folder_names_lines_and_reasons_until_the_file_is_mended(home):
    folder = home.settings.home / "quarantine"
    assert (folder / "contacts" / "a.csv.csv").read_text() == (
        "line_number,entity,reason,column_name,rows\n4,contacts,no_usable_identifier,contact_id,1\n"
    )
    home.load_one("contacts/a.csv", "contact_id,email,first_name\n1,anna@example.org,Anne\n")
    assert not list(folder.rglob("*.csv"))


def test_a_changed_file_replaces_its_rows_its_quarantine_and_its_clear_values(home):
    result = home.load_one("contacts/a.csv", "contact_id,email,first_name\n1,anna@example.org,Anne\n")
    assert (result.status, result.replaced) == ("loaded", True)
    assert home.emails() == ["anna@example.org"]
    assert home.quarantined() == {}
    assert home.rows("select first_name from vault.contact_details") == [("Anne",)]
    assert home.one("select count(*) from vault.extras") + home.one("select count(*) from vault.quarantine") == 0
    # nothing refers to the old addresses any more
    assert {value for (value,) in home.rows("select value from vault.identifiers")} == {"1", "anna@example.org"}
    assert home.one("select count(*) from raw.identifiers") == 2
    assert home.rows("select status, count(*) from raw.files group by all order by all") == [
        ("loaded", 2),
        ("replaced", 1),
    ]


def test_a_file_that_goes_back_to_an_earlier_content_is_loaded_again(home):
    before = {table: home.one(f"select count(*) from {table}") for table in _TABLES}
    home.load_one("contacts/a.csv", "contact_id\n7\n")
    assert home.load_one("contacts/a.csv", CONTACTS).status == "loaded"
    after = {table: home.one(f"select count(*) from {table}") for table in _TABLES}
    assert after == before | {"raw.files": before["raw.files"] + 1}


def test_a_copy_is_loaded_when_its_twin_changes(home):
    home.load_one("contacts/b.csv", CONTACTS)
    home.deliver("contacts/a.csv", "contact_id\n7\n")
    results = home.load()
    assert results["contacts/b.csv"].status == "loaded"
    assert home.one("select count(*) from raw.contacts") == 3


def test_a_refused_new_content_leaves_the_old_rows(home):
    assert home.load_one("contacts/a.csv", "nothing,known\n1,2\n").status == "refused"
    assert home.emails() == ["anna@example.com", "bo@example.com"]


def test_landing_files_stay_as_they_were(home):
    assert (home.settings.drop_folder / "contacts/a.csv").read_text() == CONTACTS


@pytest.mark.parametrize("name", ["a.csv.part", "a.csv.tmp", "a.csv.crdownload", ".a.csv", "~$a.csv"])
def test_an_unfinished_name_is_no_file_yet(name, tmp_path):
    home = LandingHome(tmp_path)
    home.deliver(f"contacts/{name}", CONTACTS)
    assert home.load() == {}


def test_a_young_file_is_waited_for_and_then_read(tmp_path):
    home = LandingHome(tmp_path, settle_seconds=0.4)
    file = home.deliver("contacts/a.csv", CONTACTS)
    before = time.monotonic()
    assert home.load()["contacts/a.csv"].status == "loaded"
    assert time.monotonic() - before > 0.2
    # a file from a clock that runs ahead must not be waited for until then
    home.deliver("contacts/b.csv", CONTACTS + "3,ida@example.com,Ida,\n")
    os.utime(file.with_name("b.csv"), (time.time() + 3600, time.time() + 3600))
    before = time.monotonic()
    assert home.load()["contacts/b.csv"].status == "loaded"
    assert time.monotonic() - before < 10


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_run(tmp_path, monkeypatch):
    home = LandingHome(tmp_path)
    file = home.deliver("contacts/a.csv", CONTACTS)
    prepare = load_landing.__globals__["prepare"]

    def slow(*arguments):
        batch = prepare(*arguments)
        file.write_text(CONTACTS + "3,ida@example.com,Ida,\n")
        return batch

    monkeypatch.setitem(load_landing.__globals__, "prepare", slow)
    assert home.load()["contacts/a.csv"].status == "incomplete"
    assert home.one("select count(*) from raw.contacts") == 0
    monkeypatch.undo()
    assert home.load()["contacts/a.csv"].status == "loaded"
    assert home.one("select count(*) from raw.contacts") == 3


def test_a_cut_gzip_or_parquet_file_is_incomplete_until_it_is_whole(tmp_path):
    home = LandingHome(tmp_path)
    packed = gzip.compress(CONTACTS.encode() * 50)
    assert home.load_one("contacts/a.csv.gz", packed[:-20]).status == "incomplete"
    assert home.load_one("contacts/a.csv.gz", gzip.compress(CONTACTS.encode())).status == "loaded"
    whole = tmp_path / "whole.parquet"
    home.rows(f"copy (select 1 as contact_id) to '{whole}' (format parquet)")
    assert home.load_one("contacts/b.parquet", whole.read_bytes()[:-9]).status == "incomplete"
    assert home.load_one("contacts/b.parquet", whole.read_bytes()).status == "loaded"


@pytest.mark.parametrize("step", ["write_vault", "register_identifiers", "write_raw", "sweep_vault"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_leaves_the_old_rows_or_the_new_and_the_next_run_repairs(step, moment, home, monkeypatch):
    """Interrupted anywhere, what the warehouse refers to is in the vault; the next run is as if nothing happened."""
    new = "contact_id,email,first_name\n1,anna@example.org,Anne\n5,ida@example.com,Ida\n"
    home.deliver("contacts/a.csv", new)
    original = getattr(store, step)

    def crash(connection, *arguments, **options):
        if moment == "after":
            original(connection, *arguments, **options)
        raise KeyboardInterrupt

    with open_home(home.settings, vault=True):
        pass
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        if step == "sweep_vault":
            patch.setattr(
                store,
                step,
                lambda c: (
                    original(c)
                    if c.execute("select count(*) from raw.files where status = 'replaced'").fetchone() == (0,)
                    else crash(c)
                ),
            )
        else:
            patch.setattr(store, step, crash)
        home.load()
    missing = home.one("""
        select count(*) from raw.contacts as c
        left join vault.contact_details as d on c.file_id = d.file_id and c.line_number = d.line_number
        left join vault.identifiers as i on c.email_key = i.identifier_key
        where d.file_id is null or i.identifier_key is null
    """)
    assert missing == 0
    assert home.emails() in (["anna@example.com", "bo@example.com"], ["anna@example.org", "ida@example.com"])
    home.load()
    assert home.emails() == ["anna@example.org", "ida@example.com"]
    assert home.rows("select first_name from vault.contact_details order by 1") == [("Anne",), ("Ida",)]
    assert home.rows("select count(*) from vault.identifiers") == home.rows("select count(*) from raw.identifiers")


def test_what_is_wrong_with_the_machine_stops_the_run_and_no_file_is_blamed(home, monkeypatch):
    home.deliver("contacts/b.csv", "contact_id\n7\n")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "write_raw", full)
    with pytest.raises(LoadError, match=r"contacts/b\.csv: OSError"):
        home.load()
    monkeypatch.undo()
    assert home.load()["contacts/b.csv"].status == "loaded"


def test_a_hashed_suppression_meets_an_identifier_that_arrives_later(home):
    def digest(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    home.load_one(
        "suppressions/s.csv",
        "list_id,identifier_kind,identifier,hash,snapshot_at\n"
        f"robinson,email,{digest('anna@example.com').upper()},sha256,2024-01-01T00:00:00Z\n"
        f"robinson,email,{digest('ida@example.com')},sha256,2024-01-01T00:00:00Z\n"
        f"robinson,phone,{digest('4533123456')},sha256,2024-01-01T00:00:00Z\n"
        "robinson,email,5f4dcc3b5aa765d61d8327deb882cf99,sha256,2024-01-01T00:00:00Z\n",
    )
    matched = "select count(*) from raw.suppressions where identifier_key is not null"
    assert home.one(matched) == 1
    assert home.rows("select reason from raw.quarantine where entity = 'suppressions'") == [("not_a_hash",)]
    home.load_one("contacts/b.csv", "email,phone\nida@example.com,33 12 34 56\n")
    assert home.one(matched) == 3


def test_known_identifiers_are_judged_again_when_the_block_list_changes(tmp_path):
    project = tmp_path / "project"
    (project / "seeds").mkdir(parents=True)
    rules = project / "seeds" / "identity_blocked.csv"
    rules.write_text("identifier_kind,pattern,reason\nemail,^info@,role_mailbox\n")
    home = LandingHome(tmp_path / "home", project=project)
    home.load_one("contacts/a.csv", "email\ninfo@example.com\nanna@example.com\n")
    blocked = "select block_reason from raw.identifiers where is_blocked"
    assert home.rows(blocked) == [("role_mailbox",)]
    rules.write_text("identifier_kind,pattern,reason\nany,^anna@,test\n")
    home.load()
    assert home.rows(blocked) == [("test",)]


def test_the_clock_of_the_load_can_be_given(tmp_path):
    home = LandingHome(tmp_path)
    home.deliver("contacts/a.csv", CONTACTS)
    load_landing(home.settings, now=datetime(2024, 5, 1, 2, 0, tzinfo=UTC))
    assert home.rows("select distinct loaded_at from raw.contacts") == [(datetime(2024, 5, 1, 2, 0),)]


def test_of_two_files_of_one_run_the_later_by_name_is_the_newer(tmp_path):
    """A month of daily files is loaded at once at first: an order that was paid must not be pending again."""
    home = LandingHome(tmp_path)
    order = "source,order_id,status,ordered_at\nshop,A1,{},2026-06-01T10:00:00Z\n"
    for day, status in enumerate(("pending", "paid", "shipped", "delivered"), start=1):
        home.deliver(f"orders/2026-06-0{day}.csv", order.format(status))
    home.load()
    assert home.rows("select status from raw.orders order by loaded_at desc limit 1") == [("delivered",)]
    assert home.one("select count(distinct loaded_at) from raw.orders") == 4

"""Outside the vault nothing names anybody: the warehouse is searched byte by byte, uncompressed."""

import duckdb
from landing_home import LandingHome

MAIL, PHONE, NAME, STREET, WORDS = (
    "canary.bird@example.com",
    "33774411",
    "Canarybird",
    "Birdcage Walk 7",
    "my canary is ill",
)
FILES = {
    "contacts/a.csv": (
        "source,contact_id,email,phone,first_name,street,note\n"
        f"crm,1,{MAIL},{PHONE},{NAME},{STREET},{WORDS}\n"
        f"crm,,{NAME},,{NAME},,\n"
        f'crm,2,{MAIL},{PHONE},"{NAME},,\n'
    ),
    "consent_events/a.csv": (
        "source,source_event_id,identifier_kind,identifier,purpose,action,occurred_at,method,raw_kind,raw_value,"
        "evidence_uri\n"
        f"web,{MAIL},email,{MAIL},marketing.direct,granted,2024-01-01T10:00:00Z,form {MAIL},box,{MAIL},"
        f"https://x.example/?e={MAIL}\n"
        f"web,2,phone,{PHONE},marketing.direct,granted,2024-01-01T10:00:00Z,,box,{PHONE},\n"
        f"web,3,email,{MAIL},marketing.direct,granted,1 Jan,,box,{NAME} {NAME},\n"
    ),
    "page_views/a.jsonl": (
        f'{{"cookie_id":"c1","occurred_at":"2024-01-01T10:00:00Z","url":"https://x.example/{MAIL}?tel=%2B45{PHONE}",'
        f'"referrer":"https://y.example/?q={MAIL}","user_agent":"Bot ({MAIL})","login_kind":"email",'
        f'"login_identifier":"{MAIL}","share_id":"{MAIL}","session_id":"{MAIL}","ip":"203.0.113.77"}}\n'
    ),
    "email_events/a.csv": (
        "event_id,message_id,topic,email,event_type,url,occurred_at\n"
        f"{MAIL}-1,<{MAIL}>,Hello {MAIL},{MAIL},click,https://x.example/?email={MAIL},2024-01-01T10:00:00Z\n"
    ),
    "orders/a.csv": f"source,order_id,email,phone,ordered_at\nshop,1,{MAIL},{PHONE},2024-01-01T10:00:00Z\n",
    "order_lines/a.csv": (
        "source,order_id,line_id,description,quantity,unit_price\n"
        f"shop,1,1,Mug with {MAIL},1,10\n"
    ),
    "conversations/a.csv": (
        "source,conversation_id,channel,identifier_kind,identifier,opened_at,topic\n"
        f"chat,{MAIL},chat,phone,{PHONE},2024-01-01T10:00:00Z,about {MAIL}\n"
    ),
    "messages/a.csv": (
        "source,conversation_id,message_id,author_kind,text,sent_at\n"
        f"chat,{MAIL},1,customer,{WORDS},2024-01-01T10:00:00Z\n"
    ),
    "shares/a.csv": (
        "share_id,identifier_kind,identifier,url,created_at\n"
        f"s1,email,{MAIL},https://x.example/?email={MAIL},2024-01-01T10:00:00Z\n"
    ),
    "suppressions/a.csv": f"list_id,identifier_kind,identifier,snapshot_at\nl,phone,+45{PHONE},2024-01-01T10:00:00Z\n",
    "contacts@hubspot/no.csv": f"{MAIL},{PHONE},{NAME}\n",
    "contacts@mailchimp/a.csv": (
        f"Email Address,First Name,status,LAST_CHANGED\n{MAIL},{NAME},unsubscribed,2024-01-01 10:00\n"
    ),
}  # fmt: skip


def test_no_clear_value_is_in_the_warehouse_the_ledger_or_what_the_loader_says(tmp_path):
    home = LandingHome(tmp_path / "home")
    for path, content in FILES.items():
        home.deliver(path, content)
    results = home.load()
    assert home.one("select count(*) from raw.page_views") == 1
    canaries = (MAIL, PHONE, NAME, STREET, WORDS, "canary.bird", "203.0.113.77")
    said = repr(results)
    assert [canary for canary in canaries if canary in said] == []
    with duckdb.connect() as connection:
        connection.execute("set force_compression = 'uncompressed'")
        for name in ("warehouse", "ledger", "vault"):
            copy = tmp_path / f"{name}.copy"
            connection.execute(f"attach '{getattr(home.settings, name)}' as source (read_only)")
            connection.execute(f"attach '{copy}' as copy")
            connection.execute("copy from database source to copy; checkpoint copy; detach source; detach copy")
    outside = b"".join((tmp_path / f"{name}.copy").read_bytes() for name in ("warehouse", "ledger"))
    outside += home.settings.warehouse.read_bytes() + home.settings.ledger.read_bytes()
    assert [canary for canary in canaries if canary.encode() in outside] == []
    # the search would have found them: the vault, treated alike, holds them
    vault = (tmp_path / "vault.copy").read_bytes()
    assert [canary for canary in (MAIL, PHONE, NAME, STREET, WORDS) if canary.encode() not in vault] == []
    assert list(home.settings.spill.iterdir()) == []


def test_private_files_are_private(tmp_path):
    home = LandingHome(tmp_path / "home")
    home.load_one("contacts/a.csv", FILES["contacts/a.csv"])
    assert {oct(file.stat().st_mode & 0o077) for file in (home.settings.vault, home.settings.warehouse)} == {"0o0"}


def test_a_column_that_holds_a_special_category_is_dropped_and_listed_once(tmp_path):
    home = LandingHome(tmp_path)
    home.load_one(
        "contacts/crm.csv",
        "contact_id,email,shoe_size,unionMember,Political Party,trosretning,Ethnic origin\n"
        "1,a@example.com,43,canary yes,canary left,canary faith,canary origin\n"
        ",not an address,44,canary no,canary right,canary belief,canary place\n",
    )
    assert home.rows("select line_number, column_name, reason from raw.field_issues order by all") == [
        (1, "Ethnic origin", "special_category:ethnicity"),
        (1, "Political Party", "special_category:politics"),
        (1, "trosretning", "special_category:religion"),
        (1, "unionMember", "special_category:union"),
    ]
    assert home.rows("select extra::varchar from vault.extras") == [('{"shoe_size":"43"}',)]
    assert home.one("select unknown_columns from raw.files") == ["shoe_size"]
    assert home.one("select count(*) from vault.quarantine") == 1
    assert "canary" not in str(home.rows("select * from vault.quarantine"))

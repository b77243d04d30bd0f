"""Given names as numbers: what the identity models may know of a name without ever seeing one.

An e-mail address that Anne and Peter share must not make them one person. The models need to know that two names
cannot be the same person's, not what they are: the vault numbers every distinct given name, a contact carries its
number, and ``raw.compatible_names`` lists the pairs of numbers that may belong to one person.
"""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import duckdb
import pyarrow as pa

SEED = "given_name_variants.csv"
# Winkler's similarity from which two spellings are taken for one name mistyped; below it siblings meet typing errors.
SIMILAR = 0.85
# Shorter ones are initials as often as names: they are not looked for in addresses.
_NAME_IN_ADDRESS = 3
_PLAIN_FORM = "strip_accents(regexp_replace(translate({0}, 'øðđł', 'oddl'), '[^\\p{{L}}]', '', 'g'))"
_SPELT_OUT = "replace(replace(replace(replace(replace({0}, 'ø', 'oe'), 'ö', 'oe'), 'å', 'aa'), 'ä', 'ae'), 'ü', 'ue')"

# Two spellings are compared only if they agree somewhere: everything against everything would take minutes.
_BLOCKS = """[
    'start ' || form[1:2], 'ends ' || form[1] || form[-2:], 'middle ' || form[2:4], if(length(form) = 1, form, null)
]"""


def number_names(connection: duckdb.DuckDBPyConnection, project: Path) -> int:
    """Number the given names of contacts and say which may be one person's; a name is compared once.

    Two names are compatible if they are equal but for accents and signs, if their first parts are equal or variants of
    one name (``seeds/given_name_variants.csv``), if one is the whole of a part of the other (``Lars Erik``, ``Erik``),
    or, unless the seed knows both as names of their own (``Christian``, ``Christina``), if they look alike:
    Jaro-Winkler similarity of at least ``SIMILAR``, or one begins with the other.

    Args:
        connection: With an open home and its vault.
        project: Folder with ``seeds/``.

    Returns:
        How many names were new.
    """
    digest = _take_variants(connection, project / "seeds" / SEED)
    _forget_unused(connection)
    connection.execute("""
        insert into vault.given_names
        select ('0x' || identifier_key('given_name', given_name)[-15:])::bigint * if(length(given_name) = 1, -1, 1),
            given_name, null
        from (
            select first_name_norm as given_name from vault.contact_details where first_name_norm is not null
            union
            select name from variants
        )
        where given_name not in (select given_name from vault.given_names)
    """)
    connection.execute("""
        update raw.contacts as c set name_number = g.name_number
        from vault.contact_details as d, vault.given_names as g
        where c.name_number is null and c.has_name and d.first_name_norm = g.given_name
            and c.file_id = d.file_id and c.line_number = d.line_number and c.record_key = d.record_key
    """)
    new = _compare(connection, digest)
    _read_addresses(connection)
    connection.execute("drop table variants")
    return new


def _take_variants(connection: duckdb.DuckDBPyConnection, seed: Path) -> str:
    """Read the seed into ``variants`` (name, root) and return the digest of the rules of comparing."""
    text = seed.read_text("utf-8-sig") if seed.is_file() else "given_name,variant,languages\n"
    rows = list(csv.DictReader(text.splitlines()))
    found = {(row["variant"], row["given_name"]) for row in rows} | {(row["given_name"],) * 2 for row in rows}
    names, roots = zip(*sorted(found), strict=True) if found else ((), ())
    connection.register(
        "variant_rows", pa.table({"name": pa.array(names, "string"), "root": pa.array(roots, "string")})
    )
    connection.execute("create or replace temp table variants as select * from variant_rows")
    connection.unregister("variant_rows")
    return hashlib.sha256((text + _pairs()).encode()).hexdigest()


def _forget_unused(connection: duckdb.DuckDBPyConnection) -> None:
    """A name that no record bears any more and the seed does not know leaves the vault, its number the warehouse."""
    gone = connection.execute("""
        delete from vault.given_names where given_name not in (
            select first_name_norm from vault.contact_details where first_name_norm is not null
            union select name from variants)
        returning name_number
    """).fetchall()
    if gone:
        connection.execute(
            "delete from raw.compatible_names where list_contains($1, name_number) or list_contains($1, other_number)",
            [[number for (number,) in gone]],
        )


def _compare(connection: duckdb.DuckDBPyConnection, digest: str) -> int:
    """Add the pairs of names that were not compared yet, all of them when the seed has changed."""
    (new,) = connection.execute(
        "select count(*) from vault.given_names where compared_by is distinct from $1", [digest]
    ).fetchone() or (0,)
    if not new:
        return 0
    connection.execute(f"""
        create or replace temp table forms as
        select g.name_number, string_split(g.given_name, ' ') as parts,
            {_PLAIN_FORM.format("g.given_name")} as form,
            coalesce(v.roots, []) as roots, g.compared_by is distinct from '{digest}' as is_new
        from vault.given_names as g
        left join (select name, list(root) as roots from variants group by name) as v
            on split_part(g.given_name, ' ', 1) = v.name
    """)
    connection.execute("begin")
    for column in ("name_number", "other_number"):
        connection.execute(
            f"delete from raw.compatible_names where {column} in (select name_number from forms where is_new)"
        )
    connection.execute(f"""
        insert into raw.compatible_names
        with pairs as ({_pairs()})
        select a, b from pairs union all select b, a from pairs
    """)
    connection.execute("commit")
    connection.execute("update vault.given_names set compared_by = $1", [digest])
    connection.execute("drop table forms")
    return int(new)


def _read_addresses(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill ``raw.email_names``: of an address of several parts the first one, if it is a given name of the seed.

    Whoever writes without a name from ``anna.jensen@…`` is not taken for the Peter who once ordered by her address.
    What is a name is not learned from contacts: then somebody's record would decide what another's address says.
    """
    plain = _PLAIN_FORM.format("given_name")
    spelt_out = _PLAIN_FORM.format(_SPELT_OUT.format("given_name"))
    connection.execute("begin")
    connection.execute("delete from raw.email_names")
    connection.execute(f"""
        insert into raw.email_names
        with names as (
            select form, min(name_number) as name_number
            from vault.given_names semi join variants on given_name = variants.name,
                unnest([{plain}, {spelt_out}]) as f (form)
            where length(given_name) >= {_NAME_IN_ADDRESS}
            group by form
        ),
        parts as (
            select identifier_key, string_split_regex(regexp_extract(value, '^[^@+]*'), '[._-]') as parts
            from vault.identifiers where identifier_kind = 'email'
        )
        select p.identifier_key, n.name_number
        from parts as p inner join names as n on len(p.parts) > 1 and {_PLAIN_FORM.format("p.parts[1]")} = n.form
    """)
    connection.execute("commit")


def _pairs() -> str:
    """Return the SQL of compatible pairs (a, b), a < b, of which one is new."""
    return f"""
        with blocks as (select unnest({_BLOCKS}) as block, * from forms),
        roots as (select unnest(roots) as root, name_number, is_new from forms),
        parts as (select unnest(parts) as part, name_number, is_new from forms where len(parts) > 1),
        initials as (select name_number, form, is_new from forms where length(form) = 1)
        select a.name_number as a, b.name_number as b
        from blocks as a inner join blocks as b on a.block = b.block and a.name_number < b.name_number
        where (a.is_new or b.is_new) and (a.form = b.form or (a.parts[1] = b.parts[1] and length(a.parts[1]) > 1)
            or (not (len(a.roots) > 0 and len(b.roots) > 0) and (starts_with(a.form, b.form)
                or starts_with(b.form, a.form) or jaro_winkler_similarity(a.form, b.form) >= {SIMILAR})))
        union
        select least(i.name_number, f.name_number), greatest(i.name_number, f.name_number)
        from initials as i inner join forms as f on i.form = f.form[1] and i.name_number <> f.name_number
        where i.is_new or f.is_new
        union
        select a.name_number, b.name_number
        from roots as a inner join roots as b on a.root = b.root and a.name_number < b.name_number
        where a.is_new or b.is_new
        union
        select least(p.name_number, f.name_number), greatest(p.name_number, f.name_number)
        from parts as p inner join forms as f on p.part = f.parts[1] and len(f.parts) = 1 and length(f.form) > 1
        where (p.is_new or f.is_new) and p.name_number <> f.name_number
    """

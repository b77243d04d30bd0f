-- Without an index, for the same reason as in the vault; a test of stg_landing__identifiers holds the key unique.
create table raw.kept as select * from raw.identifiers;
drop table raw.identifiers;
create table raw.identifiers (
    identifier_key varchar not null,
    identifier_kind varchar not null,      -- email, phone, crm_id, shop_customer_id, handle:<platform>, nickname:<site>, cookie, mobile_ad_id
    is_blocked boolean not null,           -- placeholder or role identifier: never links people
    block_reason varchar,
    phone_region varchar,                  -- alpha-2 of a phone's numbering plan
    phone_type varchar,                    -- mobile, fixed_line, fixed_line_or_mobile, other
    first_seen_at timestamp not null,
);
insert into raw.identifiers select * from raw.kept;
drop table raw.kept;
create or replace table raw.text_readings (
    text_key varchar not null,
    handle_key varchar not null,
    extractor_version varchar not null,
    loaded_at timestamp not null,
);

-- The landing layer: what files brought, pseudonymised. Every identifier is a key (HMAC), every time is UTC.
-- file_id + line_number point to the source record; names, addresses, texts and quarantined records live in the vault.
create schema if not exists raw;

create table raw.files (
    file_id varchar primary key,           -- digest of path and content
    path varchar not null,                 -- relative to the drop folder
    entity varchar not null,               -- the folder's entity
    mapping varchar,                       -- null: the headers are the contract's
    sha256 varchar not null,
    bytes bigint not null,
    status varchar not null,               -- loaded, duplicate, refused, incomplete, replaced
    reason varchar,                        -- why refused or incomplete, without any value of the file
    remedy varchar,
    records_in bigint not null,            -- records read, header excluded
    encoding varchar,
    loaded_at timestamp not null,
);

-- one row per file and entity it produced; rows_in = rows_staged + rows_quarantined, always
create table raw.file_entities (
    file_id varchar not null,
    entity varchar not null,
    rows_in bigint not null,
    rows_staged bigint not null,
    rows_quarantined bigint not null,
    rows_refused bigint not null default 0, -- of the quarantined: refused at the door for lack of consent, never written
    primary key (file_id, entity),
);

-- whole rows that were not staged; the record itself is in vault.quarantine (never for social data)
create table raw.quarantine (
    file_id varchar not null,
    line_number bigint not null,           -- 1-based physical line where the record starts; 0 = counted, no line kept
    entity varchar not null,
    reason varchar not null,
    column_name varchar,
    rows bigint not null default 1,        -- > 1 only for door refusals, which are counted and never listed
);

-- single values dropped from a row that was staged (for example an unusable phone beside a good e-mail)
create table raw.field_issues (
    file_id varchar not null,
    line_number bigint not null,
    entity varchar not null,
    column_name varchar not null,
    reason varchar not null,
);

-- every identifier ever seen, without its value
create table raw.identifiers (
    identifier_key varchar primary key,
    identifier_kind varchar not null,      -- email, phone, crm_id, shop_customer_id, handle:<platform>, nickname:<site>, cookie, mobile_ad_id
    is_blocked boolean not null,           -- placeholder or role identifier: never links people
    block_reason varchar,
    phone_region varchar,                  -- alpha-2 of a phone's numbering plan
    phone_type varchar,                    -- mobile, fixed_line, other
    first_seen_at timestamp not null,
);

create table raw.contacts (
    record_key varchar not null,           -- stable key of the record: source + contact_id, or source + its identifiers
    source varchar not null,
    crm_key varchar, crm_kind varchar,     -- contact_id as an identifier; kind crm_id or shop_customer_id
    email_key varchar, phone_key varchar,
    nickname_key varchar, nickname_kind varchar,
    country varchar, language varchar, birth_date date,
    has_name boolean not null, has_address boolean not null,
    created_at timestamp, updated_at timestamp,
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

create table raw.consent_events (
    event_id varchar not null,             -- hash(source, source_event_id)
    source varchar not null, identifier_kind varchar not null, identifier_key varchar not null,
    purpose varchar not null, channel varchar, recipient varchar,
    action varchar not null, basis varchar, consent_type varchar, is_default boolean not null,
    actor varchar, method varchar,
    notice_id varchar, notice_version varchar, notice_locale varchar,
    occurred_at timestamp not null, occurred_precision varchar not null, recorded_at timestamp,
    valid_until timestamp,
    raw_kind varchar, raw_value varchar,   -- scrubbed: a value that could identify somebody is replaced by its digest
    evidence_uri varchar, evidence_sha256 varchar,
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

create table raw.notices (
    notice_id varchar not null, version varchar not null, locale varchar not null,
    text varchar not null, text_sha256 varchar not null, url varchar,
    purposes varchar[] not null, recipients varchar[] not null,
    effective_from timestamp not null, material_change boolean not null, grace_days integer,
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

create table raw.suppressions (
    list_id varchar not null, identifier_kind varchar not null,
    identifier_key varchar,                -- null while a hashed entry matches no identifier we know
    hash_algorithm varchar, hashed_value varchar,
    channel varchar, country varchar,
    valid_from timestamp, valid_to timestamp, snapshot_at timestamp not null,
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

create table raw.social_profiles (
    record_key varchar not null, source varchar not null, platform varchar not null,
    handle_key varchar not null, crm_key varchar, email_key varchar, phone_key varchar,
    bio_key varchar, language varchar, followers bigint, is_verified boolean, observed_at timestamp not null,
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

create table raw.social_posts (
    source varchar not null, post_key varchar not null, platform varchar not null, handle_key varchar not null,
    kind varchar not null, text_key varchar not null, language varchar, reply_to_key varchar, posted_at timestamp not null,
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

-- what interests.extract() found in the texts of admitted posts and profiles; the texts stay in the vault
create table raw.text_interests (
    text_key varchar not null, text_kind varchar not null, -- post, bio
    handle_key varchar not null, platform varchar not null,
    interest_id varchar not null, polarity integer not null, place varchar, brand varchar,
    language varchar, confidence double not null, span_start integer not null, span_end integer not null,
    observed_at timestamp not null, extractor_version varchar not null, loaded_at timestamp not null,
);

create table raw.social_edges (
    source varchar not null, platform varchar not null, from_handle_key varchar not null, to_handle_key varchar not null,
    kind varchar not null, observed_at timestamp not null,
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

create table raw.page_views (
    event_id varchar not null, source varchar, cookie_key varchar not null, session_id varchar,
    occurred_at timestamp not null,
    url varchar not null, referrer varchar, -- personal query values removed
    user_agent varchar, login_kind varchar, login_key varchar, share_id varchar,
    extra json,                             -- only columns that a mapping declares free of personal data
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

create table raw.email_events (
    event_id varchar not null, message_id varchar, campaign_id varchar, topic varchar, email_key varchar not null,
    event_type varchar not null, url varchar, user_agent varchar, occurred_at timestamp not null,
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

create table raw.products (
    product_id varchar not null, name varchar not null, category varchar, subcategory varchar, brand varchar,
    price decimal(18, 4), currency varchar,
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

create table raw.orders (
    source varchar not null, order_id varchar not null,
    crm_key varchar, crm_kind varchar, email_key varchar, phone_key varchar,
    ordered_at timestamp not null, status varchar, currency varchar, total decimal(18, 4), country varchar,
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

create table raw.order_lines (
    source varchar not null, order_id varchar not null, line_id varchar not null,
    product_id varchar, description varchar, quantity decimal(18, 4) not null, unit_price decimal(18, 4), -- null: the product's price counts
    returned_quantity decimal(18, 4),
    label varchar,                          -- why a line is kept but does not count as a sale: cancellation, not_a_product, no_price, no_quantity
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

create table raw.conversations (
    source varchar not null, conversation_id varchar not null, channel varchar not null,
    identifier_kind varchar, identifier_key varchar, opened_at timestamp not null, closed_at timestamp, topic varchar,
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

create table raw.messages (
    source varchar not null, conversation_id varchar not null, message_id varchar not null,
    author_kind varchar not null, text_key varchar, sent_at timestamp not null,
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

create table raw.shares (
    share_id varchar not null, parent_share_id varchar, identifier_kind varchar, identifier_key varchar,
    channel varchar, url varchar not null, created_at timestamp not null,
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

create table raw.platform_reports (
    recipient varchar not null, audience varchar not null, report_date date not null,
    received bigint, invalid bigint, matched_low bigint, matched_high bigint, reach bigint, definition varchar,
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

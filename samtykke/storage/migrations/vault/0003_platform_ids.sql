-- What a platform calls an identifier, such as the EUIDs of The Trade Desk: asked once, kept while it is valid.
create table platform_ids (
    platform varchar not null,
    identifier_key varchar not null,       -- the identifier's own key: what forgets it forgets these
    platform_id varchar not null,          -- tells the identifier to whoever holds the platform's salts
    valid_until timestamp,                 -- asked again after this; null: was valid before the one beside it
    mapped_at timestamp not null,
);

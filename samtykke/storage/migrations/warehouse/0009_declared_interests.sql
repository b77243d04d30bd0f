-- What people told the company they like or do not, in forms and preference centres, as nodes of the taxonomy.
-- The newest statement to a source replaces what the person told it before; an empty one takes everything back.
create table raw.declared_interests (
    source varchar not null, identifier_kind varchar not null, identifier_key varchar not null,
    interests varchar[] not null, dislikes varchar[] not null, declared_at timestamp not null,
    file_id varchar not null, line_number bigint not null, loaded_at timestamp not null,
);

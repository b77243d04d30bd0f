-- Which texts were read for interests, and by which extractor: a text in which nothing was found is not read again.
create table raw.text_readings (
    text_key varchar primary key,
    handle_key varchar not null,
    extractor_version varchar not null,
    loaded_at timestamp not null,
);

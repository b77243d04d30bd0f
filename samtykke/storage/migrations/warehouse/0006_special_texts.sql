-- Which admitted social rows state a special category (GDPR Art. 9), by explicit consent: its withdrawal deletes them.
create table raw.special_texts (
    entity varchar not null, file_id varchar not null, line_number bigint not null,
    category varchar not null,             -- health, religion, politics, orientation, ethnicity, union
);

-- What the stored visits stand on: written when a build has told all of them, asked by the next one, which tells anew only
-- the days of visitors for whom something came, went or changed. Without a row of rules everything is told.
create table told.web_rules (rules_digest varchar not null); -- of the models, their options and the reference data

-- what each load brought of page views that had happened by then
create table told.web_deliveries (
    delivery_id ubigint not null, file_id varchar not null, loaded_at timestamp not null,
    page_views bigint not null, line_sum hugeint not null,
);

-- whose an identifier was, and what that person permitted
create table told.web_identities (identifier_id ubigint not null, digest ubigint not null);

-- what a product was shown as
create table told.web_products (product_id varchar not null, digest ubigint not null);

-- days of visitors, and visits, that a build tells anew; one that did not come to its end leaves them to the next
create table told.web_pairs (visitor_id ubigint not null, day date not null);
create table told.web_visits (session_id ubigint not null, session_key varchar not null);

-- when a build began that has not ended
create table told.web_unfinished (began_at timestamp not null);

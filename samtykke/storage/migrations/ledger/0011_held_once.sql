-- What a recipient holds or may hold, in one pass over the rows: the last word on each of them. It is asked several times a
-- night, and the union of both views that it was goes through all rows twice.
create or replace view held_identifiers as
with words as (
    select
        recipient,
        segment,
        identifier_key,
        arg_max(identifier_kind, seq) as identifier_kind,
        coalesce(arg_max(operation, seq) filter (row_state = 'arrived') = 'add', false) as is_sent,
        arg_max(row_state, seq) in ('open', 'uncertain') as is_unsettled,
    from export_row_states
    where row_state = 'arrived' or (operation = 'add' and row_state in ('open', 'uncertain'))
    group by recipient, segment, sent_sha256, identifier_key, person_id
)
select recipient, segment, identifier_key, identifier_kind from words
where is_sent or is_unsettled
group by recipient, segment, identifier_key, identifier_kind;

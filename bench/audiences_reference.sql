-- The same files by hand: who is in a segment and may be used for it, what of theirs may leave to each recipient, hashed
-- as the platform says, written as CSV. No ledger, no difference, no proof, no order of removals: the floor.
create temp table purposes as
select segment, list(distinct purpose) as purposes, from lineage.segment_purposes group by segment;

create temp table usable as
select members.segment, members.person_id,
from marts.segment_members as members
inner join purposes on members.segment = purposes.segment
inner join intermediate.int_consent__person_permissions as permissions
    on members.person_id = permissions.person_id and list_contains(purposes.purposes, permissions.purpose)
group by members.segment, members.person_id
having bool_and(permissions.is_permitted);

create temp table leaving as
select
    permissions.recipient, permissions.person_id, any_value(profile.country) as country,
    max(stored.value) filter (stored.identifier_kind = 'email') as email,
    max(stored.value) filter (stored.identifier_kind = 'phone') as phone,
from intermediate.int_consent__exit_permissions as permissions
inner join intermediate.int_identity__person_identifiers as own
    on permissions.person_id = own.person_id and permissions.identifier_key = own.identifier_key
inner join vault.identifiers as stored on permissions.identifier_key = stored.identifier_key
left join marts.customer_profile as profile on permissions.person_id = profile.person_id
where permissions.is_permitted and not own.is_blocked and not own.is_shared
group by permissions.recipient, permissions.person_id;

create temp table hashed as
select
    recipient, person_id,
    coalesce(sha256(case
        when recipient = 'google' and regexp_matches(lower(email), '@(gmail|googlemail)\.com$')
            then replace(split_part(split_part(lower(email), '@', 1), '+', 1), '.', '') || '@' || split_part(lower(email), '@', 2)
        else lower(trim(email))
    end), '') as email,
    coalesce(sha256(if(recipient in ('meta', 'snapchat'), ltrim(phone, '+'), phone)), '') as phone,
    sha256(lower(country)) as country,
from leaving;

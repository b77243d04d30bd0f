-- What came after the first answer, and what other systems claim. Silence stays silence: most people have no row here.
insert into consent_event by name
with given as (
    select * from consent_event
    where action in ('granted', 'renewed', 'confirmed') and (source <> 'newsletter_double_opt_in' or action = 'confirmed')
),
later as (
    -- taken back: by the link in the mail, the SMS reply or the preference centre
    select *, 'withdrawn' as new_action, 'W' as new_step, 'preference_centre' as new_source, since(p * 16 + item, 'withdraws', occurred_at) as moment
    from given
    where chance(p * 16 + item, 'withdraws', case when purpose = 'marketing.direct' then 7 else 2.5 end)
    union all
    -- and for some given again
    select *, 'granted', 'A', 'preference_centre', since(p * 16 + item, 'again', since(p * 16 + item, 'withdraws', occurred_at))
    from given
    where chance(p * 16 + item, 'withdraws', case when purpose = 'marketing.direct' then 7 else 2.5 end) and chance(p * 16 + item, 'again', 20)
    union all
    -- the same second holds a yes and a no: the no counts
    select *, 'withdrawn', 'T', source, occurred_at
    from given
    where occurred_precision = 'exact' and chance(p * 16 + item, 'tie', 0.4)
)
select
    new_source as source, p, item, round, new_step as step, identifier_kind, identifier, purpose, channel, recipient, new_action as action, language,
    case when new_action = 'granted' then notice_id end as notice_id, case when new_action = 'granted' then '2' end as notice_version,
    case when new_source = 'sms_gateway' then 'sms_reply' else 'web_form' end as method,
    moment as occurred_at, 'exact' as occurred_precision,
    'consent' as basis, 'explicit' as consent_type, false as is_default, 'subject' as actor,
    case when valid_until is not null then moment + interval 12 month end as valid_until,
from later;

-- objections on a parent purpose cover everything below it; restrictions stop all use; an authority may void a grant
insert into consent_event by name
select
    'preference_centre' as source, p, 20 as item, 1 as round, 'O' as step, 'email' as identifier_kind, email as identifier,
    case when chance(p, 'all marketing', 60) then 'marketing' else 'advertising' end as purpose,
    'any' as channel, 'objected' as action, language, 'e-mail' as method, since(p, 'objects', created_at) as occurred_at,
    'exact' as occurred_precision, 'legitimate_interest' as basis, 'expressed' as consent_type, false as is_default, 'subject' as actor,
from person
where email is not null and chance(p, 'objects', 1.5)
union all
select 'privacy_office', p, 21, 1, 'X', 'email', email, 'service', 'any', case when chance(p, 'lifted', 30) then 'unrestricted' else 'restricted' end, language, 'letter',
    since(p, 'restricts', created_at), 'day', 'legal_obligation', 'expressed', false, 'subject'
from person
where email is not null and chance(p, 'restricts', 0.3);

insert into consent_event by name
select 'privacy_office' as source, p, item, round, 'I' as step, identifier_kind, identifier, purpose, channel, recipient, 'invalidated' as action, language,
    'letter' as method, least(occurred_at + interval 20 day, as_of() - interval 1 hour) as occurred_at, 'exact' as occurred_precision, 'consent' as basis, 'explicit' as consent_type,
    false as is_default, 'controller' as actor,
from consent_event
where action = 'granted' and item <= 4 and chance(p * 16 + item, 'invalid', 0.3);

-- claims that raise nothing: ticked boxes without a date, boxes ticked beforehand, a tool that sets everybody to yes
insert into consent_event by name
select 'crm_sync' as source, p, 30 as item, 1 as round, 'M' as step, 'crm_id' as identifier_kind, customer_no as identifier, 'marketing.direct' as purpose, 'email' as channel,
    'imported_state' as action, language, 'import' as method, date_trunc('day', created_at) as occurred_at, 'unknown' as occurred_precision,
    'consent' as basis, 'none' as consent_type, false as is_default, 'system' as actor, 'checkbox' as raw_kind, 'newsletter=1' as raw_value,
from person
where customer_no is not null and not gives and chance(p, 'imported', 14)
union all
select 'shop_checkout', p, 31, 1, 'D', 'email', email, 'marketing.direct', 'email', 'granted', language, 'web_form', created_at + interval 10 second, 'exact',
    'consent', 'implied', true, 'subject', 'checkbox', 'preticked'
from person
where email is not null and not gives and chance(p, 'preticked', 8)
union all
select 'shop_checkout', p, 32, 1, 'F', 'email', email, 'marketing.direct', 'email', 'refused', language, 'web_form', created_at + interval 10 second, 'exact',
    'consent', 'explicit', false, 'subject', 'checkbox', 'off'
from person
where email is not null and not gives and not chance(p, 'preticked', 8) and chance(p, 'refuses', 30)
union all
select 'shop_checkout', p, 34, 1, 'K', 'crm_id', customer_no, 'service', null, 'granted', language, 'order', created_at + interval 20 second, 'exact',
    'contract', 'none', false, 'controller', null, null
from person
where customer_no is not null and is_buyer and chance(p, 'contract', 15);

-- bought a similar product and did not object to the line above the button: where the law knows the soft opt-in
insert into consent_event by name
select
    'shop_checkout' as source, p, 33 as item, 1 as round, 'S' as step, 'email' as identifier_kind, email as identifier, 'marketing.direct' as purpose, 'email' as channel,
    'granted' as action, language, 'shop-terms' as notice_id, '1' as notice_version, 'order' as method, created_at + interval 1 hour as occurred_at, 'exact' as occurred_precision,
    'soft_opt_in' as basis, 'none' as consent_type, false as is_default, 'subject' as actor,
from person
where email is not null and not gives and is_buyer and not is_newcomer and chance(p, 'soft', 12);

-- the banner speaks for a browser, not for a person: it reaches the person once somebody logs in there
insert into consent_event by name
select
    'consent_platform' as source, p, 35 as item, 1 as round, 'B' as step, 'cookie' as identifier_kind, hex16(p * 2, 'cookie') as identifier,
    unnest(['analytics.behaviour', 'identity.linking']) as purpose,
    case when gives then 'granted' else 'refused' end as action, language, 'cookies' as notice_id, '1' as notice_version, 'banner' as method,
    case when is_newcomer then created_at + interval 5 second else ago(p, 'banner', 88) end as occurred_at, 'exact' as occurred_precision,
    'consent' as basis, 'explicit' as consent_type, false as is_default, 'subject' as actor, 'banner' as raw_kind, case when gives then 'all' else 'none' end as raw_value,
from person
where is_browser and chance(p, 'banner', 20);

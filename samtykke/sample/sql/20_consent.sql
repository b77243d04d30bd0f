-- What people were asked, what they answered, and what they took back.
create table consent_item (item integer, purpose varchar, channel varchar, recipient varchar, kind varchar, percent integer, percent_all integer);
insert into consent_item values
    (1, 'marketing.direct', 'email', null, 'email', 86, 98),
    (2, 'marketing.direct', 'sms', null, 'phone', 30, 55),
    (3, 'advertising.audience', 'ads_audience', 'meta', 'email', 40, 97),
    (4, 'advertising.audience', 'ads_audience', 'google', 'email', 38, 96),
    (5, 'advertising.audience', 'ads_audience', 'meta', 'phone', 40, 97),
    (10, 'advertising.audience', 'ads_audience', 'google', 'phone', 38, 96),
    (6, 'analytics.behaviour', null, null, 'any', 55, 98),
    (7, 'identity.linking', null, null, 'any', 45, 98),
    (8, 'enrichment.social', null, null, 'handle', 30, 92),
    (9, 'enrichment.interests', null, null, 'any', 30, 92);

-- one row per person and time they stood before a form: at sign-up, and some again when notice 2 came
create table consent_form as
with first_form as (
    select
        *,
        case when is_newcomer then created_at + interval 30 second
            else greatest(created_at + interval 5 minute, ago(p, 'asked', case when chance(p, 'recently', 80) then 440 else 900 end)) end as asked_at,
        case when language = 'de' then 'newsletter_double_opt_in' else
            ['newsletter_double_opt_in', 'newsletter_double_opt_in', 'shop_checkout', 'shop_checkout', 'shop_checkout', 'preference_centre', 'preference_centre', 'preference_centre', 'preference_centre', 'event_stand'][1 + draw(p, 'form', 10)]
        end as form,
    from person
    where gives and (email is not null or national_phone is not null)
)
select *, 1 as round, case when asked_at < as_of() - interval 449 day then '1' else '2' end as version
from first_form
union all
select * replace (since(p, 'asked again', as_of() - interval 400 day) as asked_at, 'preference_centre' as form), 2 as round, '2' as version
from first_form
where asked_at < as_of() - interval 449 day and chance(p, 'comes back', 55);

create table consent_answer as
with asked as (
    select
        consent_form.*,
        consent_item.*,
        -- one tick for both: the address and the number
        chance(
            p * 16 + case when item = 5 and email is not null then 3 when item = 10 and email is not null then 4 else item end,
            'answer', case when gives_all then percent_all else percent end
        ) as says_yes,
        case
            when kind = 'handle' and has_profile and chance(p, 'asked by handle', 30) then 'handle:' || platform_of(p)
            when kind = 'phone' and national_phone is not null then 'phone'
            when kind = 'phone' then null
            when kind in ('any', 'handle') and customer_no is not null and chance(p, 'asked by number', 30) then 'crm_id'
            when email is not null then 'email'
            when kind in ('any', 'handle') then 'phone'
        end as identifier_kind,
    from consent_form
    inner join consent_item on version = '2' or item <= 2
)
select
    p, item, round, language, birth_date, form, is_newcomer, purpose, channel, recipient, says_yes, asked_at,
    identifier_kind,
    case
        when identifier_kind = 'email' then spelled_email(email, p * 16 + item)
        when identifier_kind = 'phone' then '+' || dial || national_phone
        when identifier_kind = 'crm_id' then customer_no
        else handle
    end as identifier,
    case when channel = 'sms' then 'sms-club' else 'newsletter' end as notice_id,
    case when channel = 'sms' then case when asked_at < as_of() - interval 199 day then '1' else '2' end else version end as notice_version,
    -- the ticks beside a double opt-in count from the click in the confirmation mail
    form = 'newsletter_double_opt_in' and identifier_kind = 'email' as is_double_opt_in,
    least(asked_at + to_seconds(120 + draw(p, 'clicks', 90000)), as_of() - interval 1 second) as confirmed_at,
    chance(p, 'confirms', 90) as confirms,
from asked
where identifier_kind is not null;

create table consent_event as
with events as (
    -- double opt-in: a yes at the form, a mail that asks again, and for most the click that confirms
    select p, item, 'G' as step, 'newsletter_double_opt_in' as source, 'granted' as action, 'web_form' as method, 'subject' as speaker, asked_at as occurred_at, 'exact' as occurred_precision, * exclude (p, item)
    from consent_answer
    where item = 1 and says_yes and is_double_opt_in
    union all
    select p, item, 'R', 'newsletter_double_opt_in', 'requested', 'double_opt_in', 'system', asked_at + interval 2 second, 'exact', * exclude (p, item)
    from consent_answer
    where item = 1 and says_yes and is_double_opt_in
    union all
    select p, item, 'C', 'newsletter_double_opt_in', 'confirmed', 'double_opt_in', 'subject', confirmed_at, 'exact', * exclude (p, item)
    from consent_answer
    where item = 1 and says_yes and is_double_opt_in and confirms
    union all
    -- a plain yes, a renewal, or a plain no
    select
        p, item, 'G',
        case when channel = 'sms' then 'sms_gateway' when form = 'newsletter_double_opt_in' then 'preference_centre' else form end,
        case when not says_yes then 'refused' when round = 2 and item <= 2 then 'renewed' else 'granted' end,
        case when form = 'event_stand' then 'paper' when channel = 'sms' then 'sms_reply' else 'web_form' end,
        'subject',
        case when is_double_opt_in then confirmed_at when form = 'event_stand' and not is_newcomer then date_trunc('day', asked_at) else asked_at end,
        case when form = 'event_stand' and not is_newcomer and channel is distinct from 'sms' then 'day' else 'exact' end,
        * exclude (p, item),
    from consent_answer
    where (says_yes or chance(p * 16 + item, 'says no', 35)) and not (item = 1 and says_yes and is_double_opt_in)
        and (not is_double_opt_in or confirms)
)
select
    source, p, item, round, step, identifier_kind, identifier, purpose, channel, recipient, action, language, notice_id, notice_version, method, occurred_at, occurred_precision,
    'consent' as basis, 'explicit' as consent_type, false as is_default,
    case when speaker = 'subject' and birth_date > (as_of() - interval 15 year)::date and chance(p, 'guardian', 50) then 'guardian' else speaker end as actor,
    case when channel = 'sms' and notice_version = '2' then occurred_at + interval 12 month end as valid_until,
    null::varchar as raw_kind, null::varchar as raw_value,
from events;

drop table consent_form;
drop table consent_answer;

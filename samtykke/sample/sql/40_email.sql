-- What the newsletter tool saw: sent, delivered, opened (by people and by machines), clicked, bounced, unsubscribed.
create table mailing as
select
    p, number, campaign_id, topic, email, person.favourite,
    p * 8 + number as mail_no,
    sent_at + to_seconds(draw(p * 8 + number, 'queue', 3600)) as sent_at,
    not chance(p * 8 + number, 'bounces', 0.8) as is_delivered,
    chance(p * 8 + number, 'opens', case when is_reader then 70 else 8 end) as is_opened,
    chance(p * 8 + number, 'clicks', case when is_reader then 42 else 10 end) as is_clicked,
    to_seconds(120 + draw(p * 8 + number, 'open delay', 150000)) as delay,
from person
inner join campaign on person.created_at < campaign.sent_at
where email is not null
    and (gives or chance(p, 'still on the list', 30))
    and chance(p * 8 + number, 'receives', case when starts_with(favourite, topic) then 95 else 60 end);

create table email_event as
with events as (
    select mail_no, 's' as step, 'sent' as event_type, sent_at as occurred_at, false as is_machine, campaign_id, topic, email from mailing
    union all
    select mail_no, 'd', case when is_delivered then 'delivered' when chance(mail_no, 'hard', 60) then 'bounce_hard' else 'bounce_soft' end,
        sent_at + interval 4 second, false, campaign_id, topic, email from mailing
    union all
    select mail_no, 'm', 'open', sent_at + interval 9 second, true, campaign_id, topic, email from mailing
    where is_delivered and chance(mail_no, 'machine', 10)
    union all
    select mail_no, 'o', 'open', sent_at + delay, false, campaign_id, topic, email from mailing where is_delivered and is_opened
    union all
    select mail_no, 'c', 'click', sent_at + delay + interval 25 second, false, campaign_id, topic, email from mailing
    where is_delivered and is_opened and is_clicked
    union all
    select mail_no, 'u', case when chance(mail_no, 'complains', 15) then 'complaint' else 'unsubscribe' end, sent_at + delay + interval 40 second, false, campaign_id, topic, email
    from mailing where is_delivered and is_opened and chance(mail_no, 'leaves', 0.8)
    union all
    select mail_no, 'r', 'reply', sent_at + delay + interval 5 minute, false, campaign_id, topic, email
    from mailing where is_delivered and is_opened and chance(mail_no, 'replies', 0.3)
    union all
    select p * 8 + 7, 'k', 'confirm', occurred_at, false, null, null, identifier
    from consent_event where step = 'C' and occurred_at > as_of() - interval 85 day
)
select * from events where occurred_at < as_of();

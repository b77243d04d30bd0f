-- Links that people passed on in private channels, and the visits they brought. Share numbers rise with time, so a
-- parent is always older than its child.
create table share as
with makers as (
    select p, unnest(range(case when is_ambassador then 1 + draw(p, 'shares', 3) else 1 end)) as n, is_ambassador
    from person
    where is_ambassador or (not is_newcomer and chance(p, 'shares once', 4))
),
numbered as (
    select *, row_number() over (order by draw(p * 8 + n, 'share order', 1000000007), p, n) - 1 as share_no, count(*) over () as shares
    from makers
)
select
    share_no,
    'sh' || hex16(share_no, 'share id')[1:10] as share_id,
    case when chance(share_no, 'lost parent', 2) then 'sh' || hex16(share_no, 'lost share')[1:10] -- passed on from a link of before our time
        when share_no > 10 and chance(share_no, 'has parent', 35) then 'sh' || hex16(draw(share_no, 'parent', share_no), 'share id')[1:10] end as parent_share_id,
    case when person.email is not null then 'email' when customer_no is not null then 'crm_id' end as sharer_kind,
    case when person.email is not null then person.email else customer_no end as sharer,
    ['whatsapp', 'whatsapp', 'messenger', 'messenger', 'sms', 'email', 'copy_link', 'instagram_dm'][1 + draw(share_no, 'channel', 8)] as channel,
    aisle.first_no + draw(share_no, 'product', aisle.products) as product_no,
    numbered.is_ambassador,
    as_of() - interval 85 day + to_seconds(83 * 86400 * share_no // shares) as created_at,
from numbered
inner join person using (p)
inner join aisle on aisle.aisle = person.favourite;

create table share_visit as
with visits as (
    select *, share_no * 8 + unnest(range(1 + draw(share_no, 'visits', case when is_ambassador then 6 else 2 end))) as share_visit_no
    from share
)
select
    share_visit_no, share_id, product_no, channel,
    visitor.p as visitor,
    least(visits.created_at + to_seconds(300 + draw(share_visit_no, 'after', 5 * 86400)), as_of() - interval 2 hour) as started_at,
    visitor.p is not null and visitor.is_buyer and not visitor.is_lapsed and chance(share_visit_no, 'orders', 60) as has_order,
from visits
left join person as visitor
    on visitor.p = draw(share_visit_no, 'visitor', people()) and visitor.is_browser and not visitor.is_newcomer and visitor.email is not null;

-- Friends who got the address without the id of the link: copied from the page, or cut off by the app. Nothing tells them from
-- people who typed it in, but that they are many, and new. Numbers of visits above those of share_visit.
create table forwarded_visit as
with visits as (select *, share_no * 8 + 6 + unnest(range(draw(share_no, 'forwarded', 3))) as share_visit_no from share)
select
    share_visit_no, product_no, channel,
    least(created_at + to_seconds(600 + draw(share_visit_no, 'after', 3 * 86400)), as_of() - interval 2 hour) as started_at,
from visits;

-- Visits to the shop: people and strangers, by newsletter, by shared link (with and without its id), to buy, to look; bots among them.
create table visit as
with base as (
    select
        i, p, favourite, null::timestamp as created_at,
        -- visit numbers rise with the day, so the files of the days are ranges of them
        (as_of() - to_days({web_days}) + to_seconds(i * {web_days} * 86400 // {visits})) as day,
    from range({visits}) as series(i)
    left join person
        -- some come far more often than others; one equation, for a hash join
        on person.p = case when chance(i, 'known device', 60) then draw(i, 'low', people()) * (draw(i, 'high', 700) + 300) // 1000 end
        and person.is_browser and not person.is_newcomer
    union all
    select {visits} + p * 4 + n, p, favourite, created_at, null
    from (select *, unnest(range(1 + draw(p, 'first visits', 3))) as n from person where is_newcomer and is_browser)
),
visits as (
    select
        i * 4 as visit_no, 'base' as kind, p, favourite, 1 + draw(i, 'pages', 11) as pages,
        case when day is null then since(i, 'first visit', created_at) else day + to_seconds(draw(i, 'clock', 7200)) end as started_at,
        -- 1 % of the visits are delivered up to three days late
        case when chance(i, 'late', 1) then to_days((1 + draw(i, 'days late', 3))::int) else interval 0 day end as delay,
        null::bigint as product_no, null::varchar as campaign_id, null::varchar as topic, null::varchar as share_id, null::varchar as channel,
        created_at is null and p is null and chance(i, 'bot', 3) as is_bot,
    from base
    union all
    select mail_no * 4 + 1, 'mail', p, favourite, 1 + draw(mail_no, 'pages', 8), sent_at + delay + interval 27 second,
        interval 0 day, null, campaign_id, topic, null, null, false
    from mailing where is_delivered and is_opened and is_clicked and chance(mail_no, 'arrives', 75)
    union all
    select share_visit_no * 4 + 2, case when has_order then 'share order' else 'share' end, visitor, person.favourite,
        case when has_order then 5 else 1 + draw(share_visit_no, 'pages', 5) end, started_at, interval 0 day, product_no, null, null, share_id, channel, false
    from share_visit left join person on person.p = visitor
    union all
    select share_visit_no * 4 + 2, 'forwarded', null, null, 1 + draw(share_visit_no, 'pages', 3), started_at, interval 0 day, product_no, null, null, null, channel, false
    from forwarded_visit
    union all
    select order_no * 4 + 3, 'order', p, favourite, 5 + draw(order_no, 'pages', 4), ordered_at - interval 12 minute, interval 0 day, null, null, null, null, null, false
    from placed_order
    where source = 'shop' and not is_shared and chance(order_no, 'seen', 70)
        and ordered_at > as_of() - to_days({web_days}) + interval 1 day
)
select
    visits.*,
    coalesce(visits.p, -1 - draw(visit_no, 'stranger', {visits} // 2)) as visitor_no, -- strangers come back too
    case when is_bot then hex16(visit_no, 'bot') when kind = 'forwarded' then hex16(visit_no, 'forwarded')
        else hex16(coalesce(visits.p * 2 + draw(visit_no, 'device', 5) // 4, -1 - draw(visit_no, 'stranger', {visits} // 2)), 'cookie') end as cookie_id,
    least(started_at + delay, as_of() - interval 1 second)::date as day, -- when it is delivered
from visits
where started_at < as_of() - interval 1 hour
order by day, visit_no; -- so that writing one day reads one day

create macro theme_of(favourite, i) as (
    case favourite
        when 'outdoor' then ['/c/hiking', '/c/camping', '/magazine/hiking-in-norway'][1 + draw(i, 'theme', 3)]
        when 'cycling' then ['/c/cycling', '/magazine/cycling-in-france'][1 + draw(i, 'theme', 2)]
        when 'jeans' then '/magazine/how-jeans-fit' when 'dresses' then '/magazine/summer-dress-guide'
        else ['/c/hiking', '/c/cycling', '/c/running', '/magazine/how-jeans-fit', '/c/sale'][1 + draw(i, 'theme', 5)]
    end
);

-- one row per page view of the visits that started in [from_day, to_day)
create macro page_views_between(from_day, to_day) as table
with steps as (
    select *, unnest(range(pages)) as step from visit where day >= from_day and day < to_day
),
viewed as (
    select
        steps.*,
        visit_no * 16 + step as view_no,
        coalesce(steps.product_no, case
            when favourite is not null and chance(visit_no * 16 + step, 'looks at favourite', 60) then aisle.first_no + draw(visit_no * 16 + step, 'product', aisle.products)
            else draw(visit_no * 16 + step, 'any product', (select count(*) from product))
        end) as seen_no,
        draw(visit_no * 16 + step, 'page', 100) as page,
        draw(visit_no, 'entry', 100) as entry,
        draw(visit_no, 'device', 5) // 4 as device,
        case when is_bot then 1 when kind like '%order' then 120 else 40 * (1 + draw(visit_no, 'pace', 4)) end as pace,
    from steps
    left join aisle on aisle.aisle = favourite
)
select
    case when account.holder is null then false when kind like '%order' then step = pages - 2 else step = 1 and chance(visit_no, 'logs in', 55) end as logs_in,
    'v' || view_no as event_id,
    cookie_id,
    null::varchar as session_id,
    started_at + to_seconds(step * pace + draw(view_no, 'dwell', pace)) as occurred_at,
    'https://shop.example' || case
        when kind like '%order' and step = pages - 1 then '/checkout/thank-you'
        when kind like '%order' and step = pages - 2 then '/checkout'
        when kind like '%order' and step = pages - 3 then '/cart'
        when step = 0 and kind = 'mail' then '/c/' || topic || '?utm_source=newsletter&utm_medium=email&utm_campaign=' || campaign_id
        when step = 0 and share_id is not null then path || '?share=' || share_id
        when step = 0 and kind = 'forwarded' then path
        when step = 0 and entry < 20 then '/'
        when step = 0 and entry < 32 then category_path || '?utm_source=google&utm_medium=cpc&utm_campaign=brand'
        when step = 0 and entry < 42 then category_path || '?utm_source=instagram&utm_medium=paid_social&utm_campaign=summer'
        when step = 0 and entry < 43 then '/account/confirm?email=visitor' || visit_no || '%40example.com'
        when page < 55 then path
        when page < 76 then category_path
        when page < 86 then theme_of(favourite, view_no)
        when page < 90 then '/search?q=' || coalesce(replace(subcategory, ' ', '+'), 'gift')
        when page < 95 then '/cart'
        when page < 96 then '/newsletter/thank-you'
        when page < 97 then '/stores'
        else '/account'
    end as url,
    case
        when step > 0 then 'https://shop.example/'
        when kind = 'forwarded' and channel = 'instagram_dm' then 'https://l.instagram.com/'
        when kind = 'forwarded' and channel = 'whatsapp' and entry < 25 then 'android-app://com.whatsapp/'
        when kind in ('mail', 'forwarded') or share_id is not null or entry < 20 then null
        when entry < 32 then 'https://www.google.com/'
        when entry < 42 then 'https://l.instagram.com/'
        when entry < 52 then 'https://www.google.com/'
        when entry < 58 then 'https://news.example/'
    end as referrer,
    case
        when is_bot then ['ExampleBot/2.1 (+https://bot.example)', 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'curl/8.5.0'][1 + draw(visit_no, 'bot agent', 3)]
        when kind = 'forwarded' and channel = 'instagram_dm' then 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Instagram 340.0.3.27.90'
        when (share_id is not null and channel in ('messenger', 'instagram_dm')) or (kind = 'forwarded' and channel = 'messenger' and entry < 60) then 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 [FBAN/MessengerForiOS]'
        when device = 1 then ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Safari/605.1.15'][1 + draw(visitor_no, 'agent', 2)]
        else ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Safari/605.1.15', 'Mozilla/5.0 (Linux; Android 15) Chrome/138.0 Mobile'][1 + draw(visitor_no, 'agent', 2)]
    end as user_agent,
    -- a visitor is known on the page where they log in, and nowhere else
    case when logs_in then case when email is not null then 'email' when national_phone is not null then 'phone' else 'crm_id' end end as login_kind,
    case when logs_in then coalesce(spelled_email(email, visit_no), '+' || dial || national_phone, customer_no) end as login_identifier,
    case when step = 0 then share_id end as share_id,
    ['192.0.2.', '198.51.100.', '203.0.113.'][1 + draw(visitor_no, 'network', 3)] || draw(visitor_no, 'address', 256) as ip,
from viewed
inner join product on viewed.seen_no = product.product_no
left join (select p as holder, email, national_phone, customer_no, dial from person where coalesce(email, national_phone, customer_no) is not null) as account
    on account.holder = viewed.p + case when chance(visit_no, 'borrowed device', 1) then 1 else 0 end
order by view_no;

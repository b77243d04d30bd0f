-- Social profiles, posts and follows as a listening tool exports them: far more people than ever agreed to it.
create table profile as
with accounts as (
    select *, platform_of(p) as platform, 0 as n from person where has_profile
    union all
    select *, platform_of(p * 7 + 3), 1 from person where has_profile and chance(p, 'two accounts', 20) and platform_of(p * 7 + 3) <> platform_of(p)
)
select
    p, n, p * 2 + n as profile_no, platform, handle, language, favourite, is_newcomer, created_at,
    case when customer_no is not null and chance(p, 'linked by number', 55) then customer_no end as contact_id,
    case when contact_id is null then email end as email,
    case when contact_id is null and email is null then '+' || dial || national_phone end as phone,
    first_name || coalesce(' ' || last_name, '') as display_name,
    (draw(p, 'followers a', 60) * draw(p * 2 + n, 'followers b', 60))::bigint as followers,
    chance(p, 'verified', 2) as verified,
    case when is_newcomer then since(p, 'observed', created_at) else ago(p * 2 + n, 'observed', 40) end as observed_at,
    row_number() over (partition by platform order by p, n) - 1 as platform_no,
    count(*) over (partition by platform) as platform_profiles,
from accounts;

create table post as
with written as (
    select *, unnest(range(draw(profile_no, 'posts', {posts} * case when favourite in ('outdoor', 'cycling') then 2 else 1 end + 1))) as n_post
    from profile
),
phrases as (
    select
        language,
        list(text order by text) as any_text,
        list(text order by text) filter (where stance = 'likes' and topic in ('cycling', 'hiking', 'camping', 'skiing', 'running', 'fishing', 'travel')) as outdoor_text,
    from vocabulary_posts group by language
),
countries as (select language, list(place order by place) as names from vocabulary_places group by language)
select
    profile_no * 32 + n_post as post_no, platform, handle, language,
    replace(
        case when favourite in ('outdoor', 'cycling') and chance(profile_no * 32 + n_post, 'on topic', 60)
            then outdoor_text[1 + draw(profile_no * 32 + n_post, 'phrase', len(outdoor_text))]
            else any_text[1 + draw(profile_no * 32 + n_post, 'phrase', len(any_text))] end,
        '{{place}}', countries.names[1 + draw(profile_no * 32 + n_post, 'place', len(countries.names))]
    ) as text,
    case when is_newcomer then since(profile_no * 32 + n_post, 'posted', created_at) else ago(profile_no * 32 + n_post, 'posted', 300) end as posted_at,
from written
inner join phrases using (language)
inner join countries using (language);

create table edge as
with follows as (
    select *, unnest(range(draw(profile_no, 'follows', 4))) as n_edge from profile
)
select
    platform, follows.handle as from_handle, target.handle as to_handle,
    ['follows', 'follows', 'follows', 'mentions', 'replies', 'shares'][1 + draw(follows.profile_no * 4 + n_edge, 'edge', 6)] as kind,
    follows.observed_at, follows.profile_no, n_edge,
from follows
inner join profile as target using (platform)
where target.platform_no = draw(follows.profile_no * 4 + n_edge, 'whom', follows.platform_profiles)
    and target.p <> follows.p
union all
-- the community: people who follow the shop itself, which is not consent
select platform, handle, 'shopexample', 'follows', observed_at, profile_no, 9
from profile
where chance(profile_no, 'community', 30);

with bios as (
    select language, list(text order by text) as texts from vocabulary_bios group by language
)
select
    'social_listening' as source, platform, handle, contact_id, email, phone, display_name,
    case when chance(profile_no, 'has bio', 60) then texts[1 + draw(profile_no, 'bio', len(texts))] end as bio,
    language,
    'https://' || platform || '.example/' || handle as url,
    followers, verified, iso(observed_at) as observed_at,
from profile
inner join bios using (language)
order by profile_no

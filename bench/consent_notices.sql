-- The texts that people were shown; two of them replaced by later versions, one of which changed in substance.
insert into raw.notices by name
select
    notice_id, version, 'da' as locale, 'text' as text, sha256(notice_id || version) as text_sha256, purposes,
    recipients, effective_from::timestamp as effective_from, material_change, 30 as grace_days, 'bench' as file_id,
    row_number() over () as line_number, greatest((timestamp ':as_of' - interval 365 days), effective_from::timestamp) as loaded_at,
from (values
    ('newsletter', '1', ['marketing.direct'], [], '2022-01-01', false),
    ('newsletter', '2', ['marketing.direct', 'advertising.audience'], ['meta'], '2024-09-01', false),
    ('newsletter', '3', ['marketing.direct', 'advertising.audience'], ['meta', 'google'], '2026-02-01', false),
    ('account', '1', ['marketing.direct', 'enrichment.social', 'enrichment.interests', 'identity.linking'], [],
     '2022-01-01', false),
    ('account', '2', ['marketing.direct', 'enrichment.social', 'enrichment.interests', 'identity.linking',
     'advertising.audience'], ['meta', 'google'], '2025-11-01', true),
    ('cookies', '1', ['analytics.behaviour', 'identity.linking'], [], '2022-01-01', false),
    ('cookies', '2', ['analytics.behaviour', 'identity.linking'], [], '2025-03-01', false)
) as notices (notice_id, version, purposes, recipients, effective_from, material_change);

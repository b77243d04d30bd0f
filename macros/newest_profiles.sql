{#- The newest version of each social profile. Args: profiles: relation as raw.social_profiles. -#}
{% macro newest_profiles(profiles) -%}
    select
        record_key,
        source,
        platform,
        handle_key,
        'handle:' || platform as handle_kind,
        crm_key,
        email_key,
        phone_key,
        bio_key,
        language,
        followers,
        is_verified,
        min(observed_at) over (partition by record_key) as first_seen_at,
        observed_at,
        loaded_at,
    from {{ profiles }}
    where observed_at <= {{ as_of() }}
    qualify row_number() over (partition by record_key order by {{ newest_version_first('observed_at') }}) = 1
{%- endmacro %}

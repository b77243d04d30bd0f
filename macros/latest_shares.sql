{#- Each share as it was loaded last. Args: shares: relation as raw.shares. -#}
{% macro latest_shares(shares) -%}
    select
        share_id,
        parent_share_id,
        identifier_kind,
        identifier_key,
        channel,
        url,
        created_at,
        loaded_at,
    from {{ shares }}
    where created_at <= {{ as_of() }}
    qualify row_number() over (
        partition by share_id
        order by loaded_at desc, file_id desc, line_number desc
    ) = 1
{%- endmacro %}

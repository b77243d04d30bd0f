{#-
    Notes which of the records that this build looks at named an erased identifier (told.identity_erased), before
    int_identity__records forgets them. A build that tells everybody anew does not know any more.
-#}
{% macro note_erased() -%}
{%- if is_incremental() -%}
    insert into {{ source('told', 'identity_erased') }}
    with named as (
        select
            record_key,
            unnest([crm_number, email_number, phone_number, other_number, cookie_number]) as identifier_number,
        from {{ this }}
        where record_hash in (select record_hash from {{ ref('int_identity__candidates') }})
    )
    select record_key from named
    where identifier_number in (
        select {{ key_number('identifier_key') }} from {{ ref('stg_consent__tombstones') }}
    )
    group by record_key
{%- endif -%}
{%- endmacro %}

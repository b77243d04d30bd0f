{#-
    Deletes the permissions that may be others by now: of an identifier whose history was told anew, of an interval that as_of
    is not in (it may have moved back, too), and of every channel that a list closes now or closed when they were made.
-#}
{% macro forget_permissions() -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where
        key_number // {{ combinations_per_identifier() }} in (
            select identifier_number from {{ ref('int_consent__changes') }}
        )
        or not (valid_from <= {{ as_of() }} and {{ as_of() }} < valid_to)
        or channel in (
            select channel
            from {{ closed_channels(ref('int_consent__list_deliveries'), ref('channels'), as_of(), latest_known()) }}
        )
        or starts_with(reason, 'stale_list:')
    {%- endif -%}
{%- endmacro %}

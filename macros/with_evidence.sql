{#-
    Rows with the event they rest on spelled out: who said what, when, to which text, and whether he may raise a permission.
    Args: rows: a relation with `event_seq` and `kind_id`.
-#}
{% macro with_evidence(rows) -%}
(
    select
        told.* exclude (event_seq, kind_id),
        ledger.event_id,
        ledger.source,
        kinds.actor,
        ledger.action,
        ledger.basis,
        ledger.occurred_at,
        ledger.occurred_precision,
        ledger.loaded_at,
        ledger.notice_id,
        ledger.notice_version,
        ledger.notice_locale,
        notices.text_sha256 as notice_sha256,
        kinds.source_may_raise and kinds.actor in ('subject', 'guardian') as may_raise,
        kinds.obstacle,
    from {{ rows }} as told
    left join {{ ref('stg_consent__events') }} as ledger on told.event_seq = ledger.seq
    left join {{ ref('int_consent__event_kinds') }} as kinds on told.kind_id = kinds.kind_id
    left join {{ ref('stg_consent__notices') }} as notices
        on
            ledger.notice_id = notices.notice_id
            and ledger.notice_version = notices.notice_version
            and ledger.notice_locale = notices.notice_locale
)
{%- endmacro %}

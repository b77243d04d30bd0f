{{ built_after([
    'int_identity__deliveries', 'int_identity__facts', 'int_identity__fact_sums', 'int_identity__contact_versions', 'stg_landing__record_pairs',
    'stg_landing__identity_reviews', 'stg_landing__compatible_names', 'int_consent__permissions', 'int_consent__denials',
    'stg_landing__identifiers', 'stg_landing__email_names', 'identity_rules', 'likeness_rules', 'int_identity__numbers',
    'stg_web__superseded_page_views', 'int_identity__events', 'int_identity__health', 'int_identity__former_identifiers',
    'int_identity__replaced_identifiers', 'int_identity__work',
]) }}
-- Built last: only when everything that is kept is of this build does the next one go on from here.
{{ config(post_hook=tell_identity()) }}

with

rules as (

    select * from {{ ref('int_identity__rules') }}

),

-- every model that goes on from what it has stored
counted as (

    select
        (select count(*) from {{ ref('int_identity__records') }}) as records,
        (select count(*) from {{ ref('int_identity__guarded_identifiers') }}) as identifiers,
        (select count(*) from {{ ref('int_identity__shared_identifiers') }}) as shared_identifiers,
        (select count(*) from {{ ref('int_identity__linked_identifiers') }}) as linked_identifiers,
        (select count(*) from {{ ref('int_identity__record_clusters') }}) as clustered_records,
        (select count(*) from {{ ref('int_identity__conflicts') }}) as conflicts,
        (select count(*) from {{ ref('int_identity__conflict_identifiers') }}) as conflict_identifiers,
        (select count(*) from {{ ref('int_identity__alike_decisions') }}) as alike_decisions,
        (select count(*) from {{ ref('int_identity__persons') }}) as persons,
        (select count(*) from {{ ref('int_identity__person_records') }}) as person_records,
        (select count(*) from {{ ref('int_identity__person_aliases') }}) as person_aliases,
        (select count(*) from {{ ref('int_identity__person_identifiers') }}) as person_identifiers,
        (select count(*) from {{ ref('int_identity__person_links') }}) as person_links,
        (select count(*) from {{ ref('int_identity__attribute_values') }}) as attribute_values,
        (select count(*) from {{ ref('int_identity__person_sizes') }}) as person_sizes,
        (select count(*) from {{ ref('int_identity__core_parts') }}) as core_parts,
        (select count(*) from {{ ref('int_identity__use_parts') }}) as use_parts,
        (select count(*) from {{ ref('int_identity__withheld_records') }}) as withheld_records,
        (select count(*) from {{ ref('int_identity__withheld_identifiers') }}) as withheld_identifiers,
        (select count(*) from {{ ref('int_identity__groups') }}) as records_told,
        (select count(*) from {{ source('told', 'identity_changes') }}) as records_changed,

),

told as (

    select
        rules.rules_digest,
        rules.as_of,
        rules.is_past,
        rules.is_all_changed,
        counted.*,
    from rules
    cross join counted

)

select * from told

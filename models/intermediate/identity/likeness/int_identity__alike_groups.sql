{%- set edges -%}
    select node_a as a, node_b as b, max(match_weight) as weight,
    from {{ ref('int_identity__alike_pairs') }}
    where is_alike and is_corroborated and veto is null and review is null
    group by node_a, node_b
{%- endset -%}

{%- set records -%}
    select members.component_id as group_id, claims.name_number, claims.birth_date,
    from identity_alike_members as members
    inner join {{ ref('int_identity__alike_nodes') }} as nodes on members.node_id = nodes.node_id
    inner join {{ ref('int_identity__work_claims') }} as claims on nodes.record_key = claims.record_key
{%- endset -%}

{#- A group contradicts itself by names and dates of birth, by accounts that one system counts apart, or by somebody's word. -#}
{%- set contradicting -%}
    select group_id as component_id from {{ people_of_groups(records) }}
    union all
    select members.component_id
    from identity_alike_members as members
    inner join {{ ref('int_identity__alike_nodes') }} as nodes on members.node_id = nodes.node_id
    inner join {{ ref('int_identity__work_contacts') }} as contacts on nodes.record_key = contacts.record_key
    where contacts.crm_key is not null
    group by members.component_id, contacts.source, contacts.crm_kind
    having count(distinct members.node_id) > 1
    union all
    select a.component_id
    from {{ ref('int_identity__alike_pairs') }} as pairs
    inner join identity_alike_members as a on pairs.node_a = a.node_id
    inner join identity_alike_members as b on pairs.node_b = b.node_id and a.component_id = b.component_id
    where pairs.review = 'reject'
{%- endset -%}

{%- set settled -%}
    {{ dense_components(
        edges, 'identity_alike', 'select value::double from ' ~ ref('likeness_rules') ~ " where parameter = 'automatic_weight'",
        'select value::double from ' ~ ref('likeness_rules') ~ " where parameter = 'step'", 12,
        likeness_rule('density') ~ '::double', likeness_rule('dense_from') ~ '::double', contradicting) }}
{%- endset -%}

with groups as (

    {{ settled }}

)

select
    node_id,
    component_id as group_id,
from groups

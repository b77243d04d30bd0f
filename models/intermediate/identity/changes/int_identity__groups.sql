{%- set bases -%}
    select
        records.record_number,
        coalesce(min(closures.closure_id), {{ part_number(["'record'", 'records.record_number']) }}) as base_id,
    from {{ worked('records') }} as records
    left join {{ ref('int_identity__proposed_links') }} as links on records.record_number = links.record_number
    left join {{ ref('int_identity__closures') }} as closures on links.node_id = closures.node_id
    group by records.record_number
{%- endset -%}
{#- Within a closure everything hangs together; what else an identifier, an address of before or a likeness could join. -#}
{%- set edges -%}
    with bases as ({{ bases }}),
    naming as (
        select mentions.identifier_number, bases.base_id
        from {{ ref('int_identity__work_mentions') }} as mentions
        inner join {{ worked('identifiers') }} as identifiers
            on mentions.identifier_number = identifiers.identifier_number and identifiers.link_scope <> 'nowhere'
        inner join bases on mentions.record_number = bases.record_number
        where identifiers.link_scope <> 'everywhere' or identifiers.link_kind in ('name', 'device')
            or identifiers.identifier_key in (select identifier_key from {{ ref('int_identity__former_identifiers') }})
        union
        select identifiers.identifier_number, bases.base_id
        from {{ ref('int_identity__former_identifiers') }} as former_identifiers
        inner join {{ worked('identifiers') }} as identifiers
            on former_identifiers.identifier_key = identifiers.identifier_key and identifiers.link_scope <> 'nowhere'
        inner join {{ worked('records') }} as records on former_identifiers.record_key = records.record_key
        inner join bases on records.record_number = bases.record_number
    )
    select min(base_id) over (partition by identifier_number) as a, base_id as b, from naming
    union all
    select base_a.base_id, base_b.base_id
    from {{ ref('stg_landing__record_pairs') }} as pairs
    inner join {{ worked('records') }} as a on pairs.record_a = a.record_key
    inner join {{ worked('records') }} as b on pairs.record_b = b.record_key
    inner join bases as base_a on a.record_number = base_a.record_number
    inner join bases as base_b on b.record_number = base_b.record_number
{%- endset -%}

with bases as (

    {{ bases }}

),

components as (

    {{ connected_components(edges, 'identity_groups') }}

),

groups as (

    select
        bases.record_number,
        coalesce(components.component_id, bases.base_id) as group_id,
    from bases
    left join components on bases.base_id = components.node_id

)

select * from groups

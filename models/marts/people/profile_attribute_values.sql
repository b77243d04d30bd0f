with attribute_values as (

    select * from {{ ref('int_identity__attribute_values') }}

),

gates as (

    select person_id, may_analyse from {{ ref('int_profile__gates') }}
    where may_serve

),

withheld_records as (

    select record_key, list(purpose order by purpose) as purposes from {{ ref('int_identity__withheld_records') }}
    group by record_key

),

-- as the profile shows it: of a date of birth the year
permitted as (

    select
        attribute_values.person_id,
        if(attribute_values.attribute = 'birth_date', 'birth_year', attribute_values.attribute) as attribute,
        if(attribute_values.attribute = 'birth_date', left(attribute_values.value, 4), attribute_values.value) as value,
        attribute_values.place,
        attribute_values.lost_by,
        attribute_values.source,
        attribute_values.record_key,
        attribute_values.told_at,
        attribute_values.supporting_records,
        attribute_values.records,
    from attribute_values
    inner join gates on attribute_values.person_id = gates.person_id
    where attribute_values.attribute in ('country', 'language') or gates.may_analyse

),

-- two dates of one year are one value, by the better of them
valued as (

    select
        * exclude (supporting_records),
        sum(supporting_records) over (partition by person_id, attribute, value) as supporting_records,
    from permitted
    qualify row_number() over (partition by person_id, attribute, value order by place) = 1

),

placed as (

    select
        valued.person_id,
        valued.attribute,
        valued.value,
        row_number() over (partition by valued.person_id, valued.attribute order by valued.place) as place,
        valued.lost_by,
        valued.source,
        valued.record_key,
        valued.told_at,
        cast(valued.supporting_records as bigint) as supporting_records,
        valued.records,
        coalesce(withheld_records.purposes, []) as withheld_for,
    from valued
    left join withheld_records on valued.record_key = withheld_records.record_key

)

select * from placed

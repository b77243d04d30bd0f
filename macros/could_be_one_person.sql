{#-
    Whether two records say nothing that keeps them from being one person's: given names that no person bears both of, or
    dates of birth. Silence keeps nothing apart. Under one name, dates that differ in one digit, or with day and month
    exchanged, are one date mistyped; father and son of one name are further apart.

    Args: a, b: aliases with name_number and birth_date. names: alias of stg_landing__compatible_names, left joined on both.
-#}
{% macro could_be_one_person(a, b, names) -%}
    case
        when {{ a }}.name_number <> {{ b }}.name_number and {{ names }}.name_number is null then false
        when {{ a }}.birth_date is null or {{ b }}.birth_date is null or {{ a }}.birth_date = {{ b }}.birth_date then true
        when {{ a }}.name_number is null or {{ b }}.name_number is null then false
        else levenshtein({{ a }}.birth_date::varchar, {{ b }}.birth_date::varchar) = 1 or (
            year({{ a }}.birth_date) = year({{ b }}.birth_date)
            and month({{ a }}.birth_date) = day({{ b }}.birth_date)
            and day({{ a }}.birth_date) = month({{ b }}.birth_date))
    end
{%- endmacro %}

{#-
    The people that the records of each group name, of groups that name more than one. A person is whoever could not be
    somebody that more records of the group name (initials, numbered below zero, count last); another spelling is the one of
    them it could be, and what fits two is neither. Beyond 200 ways of naming nobody compares: each is a person.

    Args: records: a select of group_id, name_number and birth_date, one row per record.
    Returns: a select of group_id, name_number, birth_date and scope, one number per person of the group.
-#}
{% macro people_of_groups(records) -%}
(
    with told as (
        select group_id, name_number, birth_date, from ({{ records }})
        where name_number is not null or birth_date is not null
    ),
    diverse as (
        select group_id, from told
        group by group_id
        having count(*) > 1 and min(hash(name_number, birth_date)) < max(hash(name_number, birth_date))
    ),
    faces as (
        select group_id, name_number, birth_date, count(*) as records, hash(name_number, birth_date) as face_hash,
        from told
        semi join diverse on told.group_id = diverse.group_id
        group by group_id, name_number, birth_date
    ),
    sized as (
        select group_id, count(*) > 200 as is_crowd, from faces
        group by group_id
    ),
    -- most groups spell one person's name in several ways: only the others are worked out
    contradicting as (
        select group_id, true as is_crowd, from sized
        where is_crowd
        union all
        select a.group_id, false, from faces as a
        anti join (select group_id from sized where is_crowd) as crowds on a.group_id = crowds.group_id
        inner join faces as b on a.group_id = b.group_id and a.face_hash < b.face_hash
        left join {{ ref('stg_landing__compatible_names') }} as names
            on a.name_number = names.name_number and b.name_number = names.other_number
        where not {{ could_be_one_person('a', 'b', 'names') }}
        group by a.group_id
    ),
    numbered as (
        select faces.*, contradicting.is_crowd, row_number() over (partition by faces.group_id
                order by coalesce(name_number, -1) < 0, records desc, name_number, birth_date) as face,
        from faces
        inner join contradicting on faces.group_id = contradicting.group_id
    ),
    {{ placed_faces() }},
    ambiguous as (
        select fits.group_id, fits.face, from fits
        inner join placed as mine on fits.group_id = mine.group_id and fits.face = mine.face and mine.scope <> mine.face
        inner join placed as other on fits.group_id = other.group_id and fits.other_face = other.face
        where mine.scope <> other.scope
        group by fits.group_id, fits.face
    )
    select numbered.group_id, numbered.name_number, numbered.birth_date,
        if(ambiguous.face is null, placed.scope, placed.face) as scope,
    from numbered
    inner join placed on numbered.group_id = placed.group_id and numbered.face = placed.face
    left join ambiguous on numbered.group_id = ambiguous.group_id and numbered.face = ambiguous.face
    qualify min(placed.scope) over (partition by numbered.group_id) < max(placed.scope) over (partition by numbered.group_id)
)
{%- endmacro %}

{#- Of people_of_groups: which faces fit which others, who leads, and whom each other face is taken for. -#}
{% macro placed_faces() -%}
    fits as (
        select a.group_id, a.face, b.face as other_face,
        from numbered as a
        inner join numbered as b on a.group_id = b.group_id and a.face <> b.face
        left join {{ ref('stg_landing__compatible_names') }} as names
            on a.name_number = names.name_number and b.name_number = names.other_number
        where not a.is_crowd and {{ could_be_one_person('a', 'b', 'names') }}
    ),
    leaders as (
        select numbered.group_id, numbered.face, from numbered
        anti join fits
            on numbered.group_id = fits.group_id and numbered.face = fits.face and fits.other_face < fits.face
    ),
    placed as (
        select numbered.group_id, numbered.face,
            if(any_value(own.face) is null and count(leaders.face) = 1, min(leaders.face), numbered.face) as scope,
        from numbered
        left join leaders as own on numbered.group_id = own.group_id and numbered.face = own.face
        left join fits on numbered.group_id = fits.group_id and numbered.face = fits.face
        left join leaders on fits.group_id = leaders.group_id and fits.other_face = leaders.face
        group by numbered.group_id, numbered.face
    )
{%- endmacro %}

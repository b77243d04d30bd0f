{#-
    Which names can be one person's otherwise than when everybody was told: a million pairs are compared by digests of buckets
    first, and only those of buckets that differ row by row.
-#}
{% macro changed_name_buckets() -%}
    {%- set digests = 'select ' ~ name_bucket() ~ ' as bucket, count(*) as pairs, sum(hash(name_number, other_number)) as digest from ' -%}
    select coalesce(mine.bucket, told.bucket) as bucket
    from ({{ digests }}{{ ref('stg_landing__compatible_names') }} group by bucket) as mine
    full join ({{ digests }}{{ source('told', 'identity_names') }} group by bucket) as told on mine.bucket = told.bucket
    where (mine.pairs, mine.digest) is distinct from (told.pairs, told.digest)
{%- endmacro %}

{% macro name_bucket() -%} (hash(name_number) & 65535) {%- endmacro %}

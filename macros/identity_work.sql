{#-
    Whether this build tells all of identity, or what the changed records hang together with (int_identity__work). A mere
    compilation and a unit test show the whole.
-#}
{% macro is_told_anew() -%}
    {%- if not execute -%} {%- do ref('int_identity__rules') -%} {{ return(true) }} {%- endif -%}
    {%- if model.resource_type == 'unit_test' or flags.WHICH not in ('build', 'run') -%} {{ return(true) }} {%- endif -%}
    {{ return(starts_over('identity_rules')) }}
{%- endmacro %}

{#-
    What a model that is kept between builds has told of this build's work, or all of it.
    Args: name: of the model. column: by which it is known: record_number, record_key, identifier_number, identifier_key or
          person_id. own: what the model calls it.
-#}
{% macro of_work(name, column='record_number', own=none) -%}
    {%- set work = work_by(column) -%}
    {%- if is_told_anew() -%} {{ ref(name) }}
    {%- else -%}
    {%- set wanted = (own or column) ~ ' in (select ' ~ column ~ ' from ' ~ ref(work) ~ ')' -%}
    {#- what was told of the work stands together at the end of a table: by row ids little else is read of its other columns -#}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ name] -%}
    {%- set is_told_here = '/identity/' in node.original_file_path and node.config.materialized == 'incremental' -%}
    (select * from {{ ref(name) }} where {{ wanted if not is_told_here else
        'rowid in (select rowid from ' ~ ref(name) ~ ' where ' ~ wanted ~ ')' }})
    {%- endif -%}
{%- endmacro %}

{#- The model that names this build's work by a column. -#}
{% macro work_by(column) -%}
    {%- set name = {
        'record_number': 'int_identity__work', 'record_key': 'int_identity__work',
        'identifier_number': 'int_identity__work_identifiers', 'identifier_key': 'int_identity__work_identifiers',
        'person_id': 'int_identity__work_persons',
    }[column] -%}
    {%- if not execute -%} {%- do ref(name) -%} {%- endif -%}
    {{ return(name) }}
{%- endmacro %}

{#- Deletes what will be told anew: what was told of the work may have no row any more.
    Args: column: of the work. own: what the model calls it. -#}
{% macro forget_work(column='record_number', own=none) -%}
    {%- set work = work_by(column) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ own or column }} in (select {{ column }} from {{ ref(work) }})
    {%- endif -%}
{%- endmacro %}

{#- This build's work as it is now, or all. Args: name: records, identifiers, guards (how far
    identifiers link, without their keys) or numbers (only their keys). -#}
{% macro worked(name) -%}
    {%- set all, work = {
        'records': ('int_identity__records', 'int_identity__work'),
        'identifiers': ('int_identity__identifiers', 'int_identity__work_identifiers'),
        'numbers': ('int_identity__numbers', 'int_identity__work_identifiers'),
        'guards': ('int_identity__guarded_identifiers', 'int_identity__work_identifiers'),
    }[name] -%}
    {%- if not execute -%} {%- do [ref(all), ref(work)] -%} {%- endif -%}
    {%- if is_told_anew() -%} {{ ref(all) }}
    {%- else -%} (select * from {{ ref(work) }} where not is_gone)
    {%- endif -%}
{%- endmacro %}

{#-
    Overrides dbt's own: a model that tells history step by step is also made from scratch where it cannot go on from what is
    stored (`meta: {starts_over: …}`), because deleting all rows and inserting all others takes twice the memory.
    rules: when the rules are others than those it was told by; ledger: when the ledger is another than the one it tells;
    web_rules, mail_rules, identity_rules: the same of visits, of mail and of people; web_deliveries: when page views went
    again or a build did not come to its end.
-#}
{% macro should_full_refresh() -%}
    {%- set asked = config.get('full_refresh') -%}
    {{ return((flags.FULL_REFRESH if asked is none else asked) or starts_over(config.get('meta', {}).get('starts_over'))) }}
{%- endmacro %}

{#- Whether the model cannot go on. Args: reason: one of the above or none. -#}
{% macro starts_over(reason) -%}
    {%- if not reason -%} {{ return(false) }} {%- endif -%}
    {%- set model, condition = {
        'rules': ('int_consent__rules', 'is_all_changed'),
        'ledger': ('int_consent__ledger_position', 'not is_continued'),
        'mail_rules': ('int_behaviour__mail_rules', 'is_all_changed'),
        'identity_rules': ('int_identity__rules', 'is_all_changed'),
        'web_rules': ('int_behaviour__web_rules', 'is_all_changed'),
        'web_deliveries': ('stg_web__deliveries', 'coalesce(bool_or(is_taken_back or is_unfinished), true)'),
    }[reason] -%}
    {%- set relation = ref(model) -%}
    {{ return(load_relation(relation) is none or run_query('select ' ~ condition ~ ' from ' ~ relation).rows[0][0]) }}
{%- endmacro %}

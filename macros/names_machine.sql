{#-
    Whether a pattern of bot_user_agents names the user agent of a mail event. A pattern after = must be the whole of it: Apple's mail
    privacy proxy says 'Mozilla/5.0' and nothing else. Gmail's and Yahoo's image proxies fetch when a reader opens: no machines.
-#}
{% macro names_machine(pattern, user_agent) -%}
    if(
        starts_with({{ pattern }}, '='),
        lower({{ user_agent }}) = {{ pattern }}[2:],
        contains(lower({{ user_agent }}), {{ pattern }})
    )
{%- endmacro %}

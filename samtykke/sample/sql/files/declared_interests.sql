with told as (
    select *, unnest([0, 1]) as again from person where email is not null and has_record and chance(p, 'declares', 3)
)
select
    'preference_centre' as source,
    case when customer_no is not null and chance(p, 'declares by number', 30) then 'crm_id' else 'email' end as identifier_kind,
    case when customer_no is not null and chance(p, 'declares by number', 30) then customer_no else spelled_email(email, p) end as identifier,
    -- in the words of the form's language, as one of the taxonomy, or as its id
    case language
        when 'da' then ['cykling;vandring', 'strikning', 'mode;rejser'][1 + draw(p * 2 + again, 'declared', 3)]
        when 'nb' then ['sykling;fotturer', 'strikking', 'mote;ski'][1 + draw(p * 2 + again, 'declared', 3)]
        when 'sv' then ['cykling;vandring', 'stickning', 'mode;skidåkning'][1 + draw(p * 2 + again, 'declared', 3)]
        when 'nl' then ['fietsen;wandelen', 'breien', 'mode;reizen'][1 + draw(p * 2 + again, 'declared', 3)]
        when 'de' then ['Radfahren;Wandern', 'Stricken', 'Mode;Reisen'][1 + draw(p * 2 + again, 'declared', 3)]
        else ['Cycling;Walking', '253', 'Style & Fashion;Travel'][1 + draw(p * 2 + again, 'declared', 3)]
    end as interests,
    case when chance(p * 2 + again, 'declares dislike', 20) then 'Golf' end as dislikes,
    iso(least(since(p * 2 + again, 'declared at', created_at), as_of() - interval 1 hour)) as declared_at,
from told
where again = 0 or chance(p, 'declares again', 25)
order by p, again

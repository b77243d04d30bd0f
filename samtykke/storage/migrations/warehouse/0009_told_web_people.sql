-- whose visits a build forgets or tells; one that did not come to its end leaves them to the next
create table told.web_people (person_id uuid not null);

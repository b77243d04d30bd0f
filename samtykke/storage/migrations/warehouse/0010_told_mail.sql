-- What the stored events of mail stand on: by which rules, and of each mailbox what was delivered and whose it is. A build tells
-- those mailboxes anew that are not told so.
create table told.mail_rules (rules_digest varchar not null);
create table told.mailboxes (email_key varchar not null, digest ubigint not null);

-- mailboxes that a build tells anew, and whose they were and are; one that did not come to its end leaves them to the next
create table told.mail_due (email_key varchar not null);
create table told.mail_people (person_id uuid not null);

select * from {{ person_permissions(ref('int_consent__permissions'), ref('int_consent__denials')) }}

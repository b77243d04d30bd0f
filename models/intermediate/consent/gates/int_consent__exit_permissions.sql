select * from {{ exit_permissions(ref('int_consent__permissions'), ref('int_consent__denials')) }}

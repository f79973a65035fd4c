select rules from (
    select first_rules as rules from views union select last_rules from views
) as told where rules <> ''

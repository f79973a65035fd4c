select count(*), coalesce(sum(told - 1), 0) from views

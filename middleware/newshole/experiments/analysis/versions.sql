select distinct e.rules from views v join events e on e.view_id = v.view_id
where e.kind = 'exposure' and e.rules <> ''

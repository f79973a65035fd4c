select count(*), coalesce(sum(case when e.ms < v.ms - ? then 1 else 0 end), 0)
from views v join events e on e.view_id = v.view_id
where e.kind <> 'exposure'

select v.arm, count(*), sum(case when exists (
    select 1 from events s where s.view_id = v.view_id and s.kind = 'view'
) then 1 else 0 end)
from views v
where v.arms = 1
group by v.arm

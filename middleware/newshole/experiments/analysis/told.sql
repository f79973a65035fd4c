select v.arm, v.arms, e.kind, e.block, e.position, count(*), sum(case when e.ms < v.ms - ? then 1 else 0 end)
from views v join happened e on e.view_id = v.view_id
where e.kind <> 'exposure'
group by v.arm, v.arms, e.kind, e.block, e.position
order by e.block, e.position, v.arm

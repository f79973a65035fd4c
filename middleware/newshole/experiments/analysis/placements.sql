select v.arm, e.block, e.position,
    sum(case when e.kind = 'viewable' then 1 else 0 end), sum(case when e.kind = 'click' then 1 else 0 end)
from views v join events e on e.view_id = v.view_id
where v.arms = 1 and e.kind in ('viewable', 'click')
group by v.arm, e.block, e.position
order by e.block, e.position, v.arm

with units as (
    select v.unit, v.arm, count(*) as x, count(e.view_id) as y
    from views v left join happened e on e.view_id = v.view_id and e.kind = 'view'
    where v.arms = 1
    group by v.unit, v.arm
)
select arm, count(*), sum(y), sum(x), sum(y * y), sum(x * x), sum(y * x) from units group by arm

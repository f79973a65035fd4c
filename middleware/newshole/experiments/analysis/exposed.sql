with exposed as (
    select unit, min(arm) as arm, count(distinct arm) as arms, min(ms) as since
    from events where kind = 'exposure' and experiment = ? and ms >= ? and ms < ?
    group by unit
),
views as (
    select e.view_id, x.unit, x.arm, x.arms, min(e.ms) as ms, count(*) as told
    from events e join exposed x on x.unit = e.unit
    where e.kind = 'exposure' and e.experiment = ? and e.ms >= ? and e.ms < ?
    group by e.view_id, x.unit, x.arm, x.arms
)

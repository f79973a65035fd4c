select arm, arms, count(*) from exposed group by arm, arms

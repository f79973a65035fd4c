select arm, count(*) from views where arms = 1 group by arm

knodes 7
incumbent 1
0 2 1
open 2
70 1 0 1
71.5 2 0 2 1 0
end

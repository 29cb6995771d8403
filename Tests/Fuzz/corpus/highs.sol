oObjective 12
x_0_1 1
x_1_0 1
x_2_2 1
x_3_3 1

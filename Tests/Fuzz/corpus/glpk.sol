os mip 8 16 o 12
j 2 1
j 5 1
j 11 1
j 16 1

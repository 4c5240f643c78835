"""Lists of cases that officers take along: the matrix, the recapitulation book, the cases behind a number."""

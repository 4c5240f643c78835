"""A lively data set to look at: invented matters and people, led through a year by the real verbs."""

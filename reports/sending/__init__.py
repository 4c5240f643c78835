"""How a report reaches whoever it is for: made once, mailed until it has arrived, corrected."""

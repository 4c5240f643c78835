"""What a report looks like: its words, charts, PDF and workbook."""

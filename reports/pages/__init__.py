"""What is read on a screen: the dashboard, the archive, the public statistics."""

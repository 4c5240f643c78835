"""What a new installation starts with: the regions, the holidays and the programmes of `programmes/*.yaml`."""

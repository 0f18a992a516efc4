"""What a run leaves behind: typed events, and the Recording that everything which shows a run is made from."""

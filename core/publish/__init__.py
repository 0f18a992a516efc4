"""What leaves the lab: a run as a script, as numbers, as a report, as a web site."""

"""What may be said of runs at a moment: sentences, as pure functions of their Recordings and of a step."""

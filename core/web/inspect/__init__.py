"""The Inspect page: one picture, up to three trained nets, and the views of what they make of it."""

"""What a trained net sees in a picture, what it says, and why."""

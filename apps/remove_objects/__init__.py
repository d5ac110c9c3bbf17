"""What the page "Remove objects" is made of."""

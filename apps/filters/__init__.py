"""What the page "Filters" is made of."""

"""What the page "Latent walk" is made of."""

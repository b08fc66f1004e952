"""Floor 2: matching and evaluating IAM statements."""

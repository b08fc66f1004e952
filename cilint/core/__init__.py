"""Floor 1: what a rule, a finding and a fix are, and the three-valued schema evaluator."""

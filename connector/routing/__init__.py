"""What we decide: pure functions from policy, snapshot and lead to a decision."""

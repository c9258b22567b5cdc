"""The rules of the draw as people read them: the policy in force, and what comes after it."""

"""A small model that re-ranks the candidate translations of a word and gives each a probability."""

"""The small model that puts a word's candidates in order and says how likely each is right."""

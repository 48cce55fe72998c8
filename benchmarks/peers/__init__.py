"""Tools of other people, each run unmodified from a checkout that the user names."""

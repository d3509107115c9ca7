"""The pages, one folder each: a frozen state and the view that is a function of it."""

"""The Train page: a network learns in front of the class."""

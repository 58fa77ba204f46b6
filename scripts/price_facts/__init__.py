"""The price facts of ../shared/facts, turned into the tables of pricing_data. One module per table family."""

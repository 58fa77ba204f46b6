"""Growth from history: level, trend, season and steps of a series, with a fan that earlier errors made."""

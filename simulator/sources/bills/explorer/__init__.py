"""Cost Explorer: the console's CSV and the answer of GetCostAndUsage → lines. No resources, no hours."""

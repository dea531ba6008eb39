"""How the app looks: colours, charts, and the parts that several pages have."""

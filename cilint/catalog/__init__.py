"""Floor 1: facts about AWS as dated data, loaded lazily."""

privet_fuzz(yaml privet_policy)

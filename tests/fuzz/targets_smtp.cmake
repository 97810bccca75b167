privet_fuzz(smtp_command privet_smtp)
privet_fuzz(smtp_reply privet_smtp)
privet_fuzz(smtp_content privet_smtp)
privet_fuzz(sasl privet_smtp)

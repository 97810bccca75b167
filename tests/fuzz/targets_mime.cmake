privet_fuzz(address_list privet_mime)
privet_fuzz(encoded_word privet_mime)
privet_fuzz(header_block privet_mime)

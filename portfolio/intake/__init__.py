"""The questionnaire: a document of questions that each set one fact, and the pages that ask them."""

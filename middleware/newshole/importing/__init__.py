"""Rules of other programs, translated into newshole's. What cannot be translated is named, never dropped."""
